// @ts-check
// Runs the check when a draft is saved and nobody types. A screen reader announces the result only if it changed.
import { post, textOf } from "../server.js";

const QUIET = 1_200;

/**
 * @param {() => URLSearchParams} read
 * @param {() => boolean} ready
 * @param {{linkAddress: (address: string) => void, editLinkText: (address: string) => void, toggle: (address: string) => void}} acts
 */
export function check(read, ready, { linkAddress, editLinkText, toggle }) {
  const results = /** @type {HTMLElement} */ (document.getElementById("check"));
  const status = /** @type {HTMLElement} */ (document.getElementById("checked"));
  const ask = /** @type {HTMLElement} */ (document.getElementById("ask"));
  let timer = 0, before = "", round = 0, toggled = "";

  async function run() {
    if (!ready()) return;
    round += 1;
    const current = round;
    let text;
    try {
      const answer = await post("/app/check?quiet=1", read());
      if (answer.status !== 200) return;
      text = await answer.text();
    } catch { return; }
    if (current !== round || text === before) return;
    before = text;
    const inside = results.contains(document.activeElement);
    results.innerHTML = text;
    if (inside) ([...results.querySelectorAll("[data-leave]")].find((one) => one.dataset.leave === toggled) ?? ask).focus();
    const summary = results.querySelector("[data-summary]")?.dataset.summary ?? "";
    if (status.textContent !== summary) status.textContent = summary;
  }

  // Ask somebody for consent, by a mail of its own; its button gives way to what came of it.
  /**
   * @param {HTMLButtonElement} button
   * @param {string} address
   */
  async function askFor(button, address) {
    const { language = "", purposes = "" } = button.dataset;
    const fields = new FormData();
    fields.set("address", address);
    fields.set("language", language);
    for (const purpose of purposes.split(" ")) fields.append("purposes", purpose);
    button.disabled = true;
    let text;
    try { text = await textOf(await post("/app/consents/ask", fields)); } catch { button.disabled = false; return; }
    const outcome = document.createElement("small");
    outcome.textContent = text;
    button.replaceWith(outcome);
    status.textContent = text;
    ask.focus();
    before = "";
  }

  ask.addEventListener("click", () => { round += 1; before = ""; clearTimeout(timer); });
  results.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    const { link, name, leave, ask: address } = button?.dataset ?? {};
    if (link) linkAddress(link);
    if (name) editLinkText(name);
    if (button && address) askFor(button, address);
    if (leave) { toggle(leave); toggled = leave; clearTimeout(timer); timer = setTimeout(run, 0); }
  });
  return {
    schedule: () => { clearTimeout(timer); timer = setTimeout(run, QUIET); },
    cancel: () => { clearTimeout(timer); round += 1; },
  };
}
