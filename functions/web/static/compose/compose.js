// @ts-check
// The composer: connects its parts. Without scripts it is a plain form.
import { check } from "./check.js";
import { autosave } from "./draft.js";
import { edit, watchDrags } from "../editor/editor.js";
import { untrackedLinks } from "./untracked_links.js";
import { chip, files } from "./files.js";
import { people } from "./people.js";
import { addLinkedItem } from "../items/picker.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("compose"));
const words = JSON.parse(/** @type {string} */ (form.dataset.words));
const limits = JSON.parse(/** @type {string} */ (form.dataset.limits));

const read = () => {
  const texts = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  const fields = new URLSearchParams(/** @type {[string, string][]} */ (texts));
  fields.delete("find");
  return fields;
};
const copy = () => {
  const fields = read();
  fields.delete("csrf");
  for (const shown of document.querySelectorAll("#linked .chip > [data-name]")) fields.append("title", shown.textContent);
  return fields;
};

const draft = autosave(form, words, { read, copy, saved: () => checks.schedule() });
const change = () => { checks.cancel(); draft.change(); };
const recipients = people(form, words, limits.people, () => draft.change());
const checks = check(() => { const fields = read(); fields.set("html", text.asSent()); return fields; }, recipients.ready, {
  linkAddress: (address) => text.linkAddress(address), editLinkText: (address) => text.editLinkText(address), toggle: (address) => untracked.toggle(address),
});
const attached = files(form, words, limits, change);
const untracked = untrackedLinks(form, change);
const text = edit(/** @type {HTMLElement} */ (form.querySelector("[data-editor]")), { changed: change, showStatus: draft.showStatus, attach: attached.add });
watchDrags(form);

form.addEventListener("picked", change);
form.addEventListener("click", (event) => {
  const remove = /** @type {Element} */ (event.target).closest("[data-remove]");
  if (remove && !remove.closest("[data-picker]")) { /** @type {HTMLElement} */ (remove.closest(".chip")).remove(); change(); }
});

// Restore what was not saved when its window was closed

/** @param {URLSearchParams} fields */
function fill(fields) {
  for (const name of ["to", "cc", "bcc"]) recipients.fill(name, fields.get(name) ?? "");
  const control = (/** @type {string} */ name) => /** @type {HTMLInputElement | null} */ (form.elements.namedItem(name));
  for (const name of ["subject", "visibility", "from", "except"]) {
    const field = control(name);
    if (field) field.value = fields.get(name) ?? "";
  }
  for (const name of ["opens", "clicks"]) {
    const field = control(name);
    if (field) field.checked = fields.has(name);
  }
  text.fill(fields.get("html") ?? "");
  const linked = /** @type {HTMLElement} */ (document.getElementById("linked"));
  linked.replaceChildren();
  fields.getAll("item").forEach((ref, place) => addLinkedItem(linked, ref, fields.getAll("title")[place] ?? ref));
  const uploads = fields.getAll("upload").map((upload, place) => chip({
    upload, filename: fields.getAll("filename")[place] ?? "", size: Number(fields.getAll("size")[place]),
  }));
  attached.list.replaceChildren(...uploads);
  if (fields.get("cc") || fields.get("bcc")) /** @type {HTMLDetailsElement} */ (form.querySelector(".copies")).open = true;
}
await draft.restore(fill);
if (location.pathname.endsWith("/send")) history.replaceState(null, "", `/app/drafts/${form.dataset.draft}`);
checks.schedule();
if (!document.getElementById("refused")) {
  const subject = /** @type {HTMLInputElement} */ (form.elements.namedItem("subject"));
  const at = recipients.empty() ? recipients : subject.value ? text : subject;
  at.focus();
}

for (const kind of ["input", "change"]) form.addEventListener(kind, (event) => {
  const { name } = /** @type {HTMLInputElement} */ (event.target);
  if (name && name !== "find") change();
});

// Sending: the draft is saved first, so that nothing is lost if the server does not answer or the session is over

async function readyToSend() {
  recipients.addTyped();
  text.finish();
  if (attached.busy()) { draft.showStatus(words.busy, true); return false; }
  const before = form.dataset.draft;
  const saved = await draft.save(true);
  if (saved && form.dataset.draft === before) return true;
  draft.showUnsent();  // not saved, or saved as another draft, which the person has not seen yet
  return false;
}
const send = /** @type {HTMLElement} */ (document.getElementById("send"));
let sending = false;
window.addEventListener("pageshow", () => { sending = false; });
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (sending) return;
  sending = true;
  const button = event.submitter ?? send;
  if (button.id !== "discard" && !(await readyToSend())) { sending = false; return; }
  draft.leave();
  form.action = button.getAttribute("formaction") ?? form.action;
  form.submit();
});
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit(send);
});
window.addEventListener("beforeunload", (event) => { if (attached.busy()) event.preventDefault(); });
