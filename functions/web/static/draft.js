// @ts-check
// Drafts save themselves. Until the server has stored what was typed, this browser keeps it.
import { drop, forget, handOver, keep, left } from "./local_drafts.js";
import { post, wordsOf } from "./server.js";

const SOON = 900, LATER = 5_000;

// `read` returns the form's fields, `copy` these with all that is needed to show them again; `saved` is called after a save.
export function keepDraft(form, words, { read, copy, saved }) {
  let changed = 0, done = 0, timer = 0, under = null, kept = true, leaving = false, trouble = null;

  function touch() {
    changed += 1;
    remember();
    clearTimeout(timer);
    timer = setTimeout(save, SOON);
  }

  function remember() { kept = keep(form.dataset.draft, copy()); }

  // Save what has changed, and return whether the server has it; with `sure` the server is asked even if nothing changed.
  async function save(sure = false) {
    clearTimeout(timer);
    if (under) await under;
    if (done === changed && sure !== true) return true;
    under = done === changed ? ask() : put();
    const good = await under;
    under = null;
    if (good && done !== changed) timer = setTimeout(save, SOON);
    return good;
  }

  async function ask() {
    let answer;
    try { answer = await post(`/app/drafts/${form.dataset.draft}/ready`, read()); } catch { return later(words.unsaved); }
    if (answer.status === 401) return later(words.signedOut, true);
    return answer.ok || put();
  }

  async function put() {
    const upTo = changed;
    let answer;
    try {
      const body = read();
      const small = body.toString().length < 50_000;  // browsers finish requests of this size after a page is closed
      answer = await post(`/app/drafts/${form.dataset.draft}`, body, { keepalive: small });
    } catch { return later(words.unsaved); }
    if (answer.status === 401) return later(words.signedOut, true);
    if (answer.status >= 500) return later(words.unsaved);
    if (!answer.ok) return refused(`${words.unsaved} ${await wordsOf(answer)}`);
    if (answer.status === 200) take(await answer.text());
    done = upTo;
    if (done === changed) forget(form.dataset.draft); else remember();
    if (trouble) tell("");
    trouble = null;
    if (answer.status === 200) saved();
    return true;
  }

  function later(text, signIn = false) {
    timer = setTimeout(save, LATER);
    return refused(text, signIn);
  }

  function refused(text, signIn = false) {
    trouble = [text, signIn];
    tell(text, true, signIn);
    return false;
  }

  function unsent() {
    const [text, signIn] = trouble ?? [document.querySelector("#kept small")?.textContent ?? ""];
    tell(`${words.unsent} ${text}`, true, signIn);
  }

  function take(text) {
    const made = new DOMParser().parseFromString(text, "text/html").getElementById("saved");
    const { draft } = made.dataset;
    forget(form.dataset.draft);
    form.dataset.draft = draft;
    form.action = `/app/drafts/${draft}/send`;
    /** @type {HTMLButtonElement} */ (document.getElementById("discard")).formAction = `/app/drafts/${draft}/discard`;
    history.replaceState(null, "", `/app/drafts/${draft}`);
    document.getElementById("kept").replaceChildren(...document.importNode(made, true).childNodes);
  }

  function tell(text, bad = false, signIn = false) {
    const told = document.getElementById("told");
    if (told.dataset.text === text) return;
    told.dataset.text = text;
    told.className = bad ? "danger" : "";
    told.textContent = text;
    document.getElementById("kept").classList.toggle("old", bad);
    if (!signIn) return;
    const link = document.createElement("a");
    const back = `/app/compose?draft=${form.dataset.draft}`;
    link.href = `/app/sign-in?next=${encodeURIComponent(back)}`;
    link.textContent = words.signIn;
    told.append(" ", link);
  }

  // Restore what closed windows kept of this draft. A copy of an older version is saved as a draft of its own.
  async function restore(fill) {
    const copies = (await left()).sort((one, other) => other.fields.toString().length - one.fields.toString().length);
    const ours = copies.find(({ draft, fields }) => (
      draft === form.dataset.draft && fields.get("version") === form.elements.version.value));
    if (ours && !changed) {
      fill(ours.fields);
      touch();
      drop(ours.key);
      tell(words.restored);
    }
    for (const copy of copies) if (copy !== ours) await handOver(copy);
  }

  window.addEventListener("pagehide", () => { if (done !== changed && !leaving) put(); });
  window.addEventListener("pageshow", () => { leaving = false; });
  window.addEventListener("beforeunload", (event) => { if (!kept && done !== changed && !leaving) event.preventDefault(); });

  return { touch, save, tell, unsent, restore, leave: () => { leaving = true; clearTimeout(timer); } };
}
