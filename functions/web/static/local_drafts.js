// @ts-check
// Copies of drafts that the server does not have yet, kept in this browser: one for each window.
import { post } from "./server.js";

const PREFIX = `ocello draft ${document.body.dataset.user} `;
const store = (() => { try { return window.localStorage; } catch { return null; } })();
const mark = crypto.randomUUID?.() ?? String(performance.timeOrigin);
navigator.locks?.request(`ocello window ${mark}`, () => new Promise(() => {}));  // held until this window is closed

export function keep(draft, copy) {
  try { store.setItem(`${PREFIX}${draft} ${mark}`, copy.toString()); return true; } catch { return false; }
}

export function drop(key) { store?.removeItem(key); }

export function forget(draft) { drop(`${PREFIX}${draft} ${mark}`); }

// Return the copies of closed windows.
export async function left() {
  const names = ((await navigator.locks?.query())?.held ?? []).map((lock) => lock.name);
  return Object.keys(store ?? {}).filter((key) => key.startsWith(PREFIX)).map((key) => {
    const [draft, whose] = key.slice(PREFIX.length).split(" ");
    return { key, draft, whose, fields: new URLSearchParams(store.getItem(key)) };
  }).filter(({ whose }) => whose !== mark && !names.includes(`ocello window ${whose}`));
}

// Save a copy on the server as a draft of its own; if it has anything new, show a link to it.
export async function handOver({ key, draft, fields }) {
  let answer;
  try { answer = await post(`/app/drafts/${draft}`, fields); } catch { return; }
  if (!answer.ok) return;
  drop(key);
  if (answer.status !== 200) return;
  const made = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("saved");
  if ("had" in made.dataset) return;
  const link = document.createElement("a");
  link.href = `/app/drafts/${made.dataset.draft}`;
  link.textContent = `${document.body.dataset.rescued} ${fields.get("subject") || "…"}`;
  document.getElementById("toasts").append(link);
}

// The mail was sent: delete this browser's copies.
const sent = new URLSearchParams(location.search).get("draft");
if (sent && !document.getElementById("compose")) {
  for (const key of Object.keys(store ?? {})) if (key.startsWith(`${PREFIX}${sent} `)) drop(key);
}
if (!document.getElementById("compose")) for (const copy of await left()) await handOver(copy);
