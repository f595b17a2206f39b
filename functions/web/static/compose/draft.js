// @ts-check
// Drafts save themselves. Until the server has stored what was typed, this browser keeps it.
import { copiesOfClosedWindows, removeCopy, removeCopyOf, saveAsDraft, storeCopyOf } from "./local_drafts.js";
import { post, textOf } from "../server.js";

const SOON = 900, LATER = 5_000;

// `read` returns the form's fields, `copy` these with all that is needed to show them again; `saved` is called after a save.
/**
 * @param {HTMLFormElement} form
 * @param {Words} words
 * @param {{read: () => URLSearchParams, copy: () => URLSearchParams, saved: () => void}} uses
 */
export function autosave(form, words, { read, copy, saved }) {
  const status = /** @type {HTMLElement} */ (document.getElementById("save-status"));
  const savedState = /** @type {HTMLElement} */ (document.getElementById("saved-state"));
  let changed = 0, done = 0, timer = 0, stored = true, leaving = false;
  /** @type {Promise<boolean> | null} */
  let running = null;
  /** @type {[string, boolean] | null} */
  let trouble = null;
  const id = () => form.dataset.draft ?? "";

  function change() {
    changed += 1;
    storeCopy();
    clearTimeout(timer);
    timer = setTimeout(save, SOON);
  }

  function storeCopy() { stored = storeCopyOf(id(), copy()); }

  // Save what has changed, and return whether the server has it; with `sure` the server is asked even if nothing changed.
  /** @returns {Promise<boolean>} */
  async function save(sure = false) {
    clearTimeout(timer);
    if (running) await running;
    if (done === changed && sure !== true) return true;
    running = done === changed ? ask() : put();
    const ok = await running;
    running = null;
    if (ok && done !== changed) timer = setTimeout(save, SOON);
    return ok;
  }

  async function ask() {
    let answer;
    try { answer = await post(`/app/drafts/${form.dataset.draft}/ready`, read()); } catch { return later(words.unsaved); }
    if (answer.status === 401) return later(words.signedOut, true);
    return answer.ok || put();
  }

  async function put() {
    const revision = changed;
    let answer;
    try {
      const body = read();
      const small = body.toString().length < 50_000;  // browsers finish requests of this size after a page is closed
      answer = await post(`/app/drafts/${form.dataset.draft}`, body, { keepalive: small });
    } catch { return later(words.unsaved); }
    if (answer.status === 401) return later(words.signedOut, true);
    if (answer.status >= 500) return later(words.unsaved);
    if (!answer.ok) return refused(`${words.unsaved} ${await textOf(answer)}`);
    if (answer.status === 200) continueAs(await answer.text());
    done = revision;
    if (done === changed) removeCopyOf(id()); else storeCopy();
    if (trouble) showStatus("");
    trouble = null;
    if (answer.status === 200) saved();
    return true;
  }

  /** @param {string} text */
  function later(text, signIn = false) {
    timer = setTimeout(save, LATER);
    return refused(text, signIn);
  }

  /** @param {string} text */
  function refused(text, signIn = false) {
    trouble = [text, signIn];
    showStatus(text, true, signIn);
    return false;
  }

  function showUnsent() {
    const [text, signIn] = trouble ?? [savedState.querySelector("small")?.textContent ?? "", false];
    showStatus(`${words.unsent} ${text}`, true, signIn);
  }

  /** @param {string} text */
  function continueAs(text) {
    const fields = /** @type {HTMLElement} */ (new DOMParser().parseFromString(text, "text/html").getElementById("saved"));
    const { draft } = fields.dataset;
    removeCopyOf(id());
    form.dataset.draft = draft;
    form.action = `/app/drafts/${draft}/send`;
    /** @type {HTMLButtonElement} */ (document.getElementById("discard")).formAction = `/app/drafts/${draft}/discard`;
    history.replaceState(null, "", `/app/drafts/${draft}`);
    savedState.replaceChildren(...document.importNode(fields, true).childNodes);
  }

  /** @param {string} text */
  function showStatus(text, bad = false, signIn = false) {
    if (status.dataset.text === text) return;
    status.dataset.text = text;
    status.className = bad ? "danger" : "";
    status.textContent = text;
    savedState.classList.toggle("old", bad);
    if (!signIn) return;
    const link = document.createElement("a");
    const back = `/app/compose?draft=${form.dataset.draft}`;
    link.href = `/app/sign-in?next=${encodeURIComponent(back)}`;
    link.textContent = words.signIn;
    status.append(" ", link);
  }

  // Restore what closed windows kept of this draft. A copy of an older version is saved as a draft of its own.
  /** @param {(fields: URLSearchParams) => void} fill */
  async function restore(fill) {
    const copies = (await copiesOfClosedWindows()).sort((one, other) => other.fields.toString().length - one.fields.toString().length);
    const own = copies.find(({ draft, fields }) => (
      draft === form.dataset.draft && fields.get("version") === /** @type {HTMLInputElement} */ (form.elements.namedItem("version")).value));
    if (own && !changed) {
      fill(own.fields);
      change();
      removeCopy(own.key);
      showStatus(words.restored);
    }
    for (const copy of copies) if (copy !== own) await saveAsDraft(copy);
  }

  window.addEventListener("pagehide", () => { if (done !== changed && !leaving) put(); });
  window.addEventListener("pageshow", () => { leaving = false; });
  window.addEventListener("beforeunload", (event) => { if (!stored && done !== changed && !leaving) event.preventDefault(); });

  return { change, save, showStatus, showUnsent, restore, leave: () => { leaving = true; clearTimeout(timer); } };
}
