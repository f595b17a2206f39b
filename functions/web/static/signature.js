// @ts-check
// The signature: rich text, with a preview below.
import { edit, harmless, watchDrags } from "./editor.js";

const form = document.getElementById("sign");
const told = document.getElementById("told");
const plain = form.querySelector("textarea");
const say = (text, bad = false) => {
  told.textContent = text;
  told.className = bad ? "danger" : "";
};
watchDrags(form);
const text = edit(form.querySelector("[data-editor]"), {
  changed: () => document.getElementById("preview").replaceChildren(harmless(plain.value)),
  say,
});
form.addEventListener("submit", () => text.finish());
