// @ts-check
// The signature: rich text, with a preview below.
import { edit, sanitize, watchDrags } from "./editor.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("sign"));
const status = /** @type {HTMLElement} */ (document.getElementById("signature-status"));
const preview = /** @type {HTMLElement} */ (document.getElementById("preview"));
const textarea = /** @type {HTMLTextAreaElement} */ (form.querySelector("textarea"));
const showStatus = (/** @type {string} */ text, bad = false) => {
  status.textContent = text;
  status.className = bad ? "danger" : "";
};
watchDrags(form);
const text = edit(/** @type {HTMLElement} */ (form.querySelector("[data-editor]")), {
  changed: () => preview.replaceChildren(sanitize(textarea.value)),
  showStatus,
});
form.addEventListener("submit", () => text.finish());
