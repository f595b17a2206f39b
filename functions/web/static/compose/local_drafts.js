// @ts-check
// Copies of drafts that the server does not have yet, kept in this browser: one for each window.
import { post } from "../server.js";

const PREFIX = `ocello draft ${document.body.dataset.user} `;
const store = (() => { try { return window.localStorage; } catch { return null; } })();
const windowId = crypto.randomUUID?.() ?? String(performance.timeOrigin);
navigator.locks?.request(`ocello window ${windowId}`, () => new Promise(() => {}));  // held until this window is closed

/**
 * @param {string} draft
 * @param {URLSearchParams} copy
 */
export function storeCopyOf(draft, copy) {
  if (!store) return false;
  try { store.setItem(`${PREFIX}${draft} ${windowId}`, copy.toString()); return true; } catch { return false; }
}

/** @param {string} key */
export function removeCopy(key) { store?.removeItem(key); }

/** @param {string} draft */
export function removeCopyOf(draft) { removeCopy(`${PREFIX}${draft} ${windowId}`); }

// Return the copies of closed windows.
export async function copiesOfClosedWindows() {
  const names = ((await navigator.locks?.query())?.held ?? []).map((lock) => lock.name);
  if (!store) return [];
  return Object.keys(store).filter((key) => key.startsWith(PREFIX)).map((key) => {
    const [draft, owner] = key.slice(PREFIX.length).split(" ");
    return { key, draft, owner, fields: new URLSearchParams(store.getItem(key) ?? "") };
  }).filter(({ owner }) => owner !== windowId && !names.includes(`ocello window ${owner}`));
}

// Save a copy on the server as a draft of its own; if it has anything new, show a link to it.
/** @param {{key: string, draft: string, fields: URLSearchParams}} copy */
export async function saveAsDraft({ key, draft, fields }) {
  let answer;
  try { answer = await post(`/app/drafts/${draft}`, fields); } catch { return; }
  if (!answer.ok) return;
  removeCopy(key);
  if (answer.status !== 200) return;
  const saved = /** @type {HTMLElement} */ (new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("saved"));
  if ("had" in saved.dataset) return;
  const link = document.createElement("a");
  link.href = `/app/drafts/${saved.dataset.draft}`;
  link.textContent = `${document.body.dataset.rescued} ${fields.get("subject") || "…"}`;
  /** @type {HTMLElement} */ (document.getElementById("toasts")).append(link);
}

// The mail was sent: delete this browser's copies.
const sent = new URLSearchParams(location.search).get("draft");
if (sent && !document.getElementById("compose")) {
  for (const key of Object.keys(store ?? {})) if (key.startsWith(`${PREFIX}${sent} `)) removeCopy(key);
}
if (!document.getElementById("compose")) for (const copy of await copiesOfClosedWindows()) await saveAsDraft(copy);
