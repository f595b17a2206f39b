// @ts-check
// The composer: connects its parts. Without scripts it is a plain form.
import { check } from "./check.js";
import { keepDraft } from "./draft.js";
import { edit, watchDrags } from "./editor.js";
import { leftAlone } from "./untracked_links.js";
import { chip, files } from "./files.js";
import { people } from "./people.js";
import { link } from "./picker.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("compose"));
const words = JSON.parse(form.dataset.words);
const limits = JSON.parse(form.dataset.limits);

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

const draft = keepDraft(form, words, { read, copy, saved: () => asked.soon() });
const touch = () => { asked.not(); draft.touch(); };
const names = people(form, words, limits.people, () => draft.touch());
const asked = check(() => { const fields = read(); fields.set("html", text.asSent()); return fields; }, names.ready, {
  linkUp: (address) => text.linkUp(address), nameLink: (address) => text.nameLink(address), toggle: (address) => left.toggle(address),
});
const attached = files(form, words, limits, touch);
const left = leftAlone(form, touch);
const text = edit(form.querySelector("[data-editor]"), { changed: touch, say: draft.tell, attach: attached.add });
watchDrags(form);

form.addEventListener("picked", touch);
form.addEventListener("click", (event) => {
  const away = /** @type {Element} */ (event.target).closest("[data-remove]");
  if (away && !away.closest("[data-picker]")) { away.closest(".chip").remove(); touch(); }
});

// Restore what was not saved when its window was closed

function fill(fields) {
  for (const name of ["to", "cc", "bcc"]) names.fill(name, fields.get(name) ?? "");
  for (const name of ["subject", "visibility", "from", "except"]) if (form.elements[name]) form.elements[name].value = fields.get(name) ?? "";
  for (const name of ["opens", "clicks"]) if (form.elements[name]) form.elements[name].checked = fields.has(name);
  text.fill(fields.get("html") ?? "");
  const linked = document.getElementById("linked");
  linked.replaceChildren();
  fields.getAll("item").forEach((spelled, place) => link(linked, spelled, fields.getAll("title")[place] ?? spelled));
  const uploads = fields.getAll("upload").map((upload, place) => chip({
    upload, filename: fields.getAll("filename")[place], size: fields.getAll("size")[place],
  }));
  attached.list.replaceChildren(...uploads);
  if (fields.get("cc") || fields.get("bcc")) /** @type {HTMLDetailsElement} */ (form.querySelector(".copies")).open = true;
}
await draft.restore(fill);
if (location.pathname.endsWith("/send")) history.replaceState(null, "", `/app/drafts/${form.dataset.draft}`);
asked.soon();
if (!document.getElementById("refused")) {
  const subject = /** @type {HTMLInputElement} */ (form.elements.namedItem("subject"));
  const at = names.empty() ? names : subject.value ? text : subject;
  at.focus();
}

for (const kind of ["input", "change"]) form.addEventListener(kind, (event) => {
  const { name } = /** @type {HTMLInputElement} */ (event.target);
  if (name && name !== "find") touch();
});

// Sending: the draft is saved first, so that nothing is lost if the server does not answer or the session is over

async function mayGo() {
  names.take();
  text.finish();
  if (attached.busy()) { draft.tell(words.busy, true); return false; }
  const before = form.dataset.draft;
  const good = await draft.save(true);
  if (good && form.dataset.draft === before) return true;
  draft.unsent();  // not saved, or saved as another draft, which the person has not seen yet
  return false;
}
let going = false;
window.addEventListener("pageshow", () => { going = false; });
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (going) return;
  going = true;
  const by = event.submitter ?? document.getElementById("send");
  if (by.id !== "discard" && !(await mayGo())) { going = false; return; }
  draft.leave();
  form.action = by.getAttribute("formaction") ?? form.action;
  form.submit();
});
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit(document.getElementById("send"));
});
window.addEventListener("beforeunload", (event) => { if (attached.busy()) event.preventDefault(); });
