// @ts-check
// Runs the check when a draft is saved and nobody types. A screen reader announces the result only if it changed.
import { post } from "./server.js";

const QUIET = 1_200;

export function check(read, ready, { linkUp, nameLink, toggle }) {
  const shown = document.getElementById("check");
  const told = document.getElementById("checked");
  let timer = 0, before = "", round = 0, turned = "";

  async function look() {
    if (!ready()) return;
    round += 1;
    const mine = round;
    let text;
    try {
      const answer = await post("/app/check?quiet=1", read());
      if (answer.status !== 200) return;
      text = await answer.text();
    } catch { return; }
    if (mine !== round || text === before) return;
    before = text;
    const inside = shown.contains(document.activeElement);
    shown.innerHTML = text;
    if (inside) ([...shown.querySelectorAll("[data-leave]")].find((one) => one.dataset.leave === turned) ?? document.getElementById("ask")).focus();
    const words = shown.querySelector("[data-summary]")?.dataset.summary ?? "";
    if (told.textContent !== words) told.textContent = words;
  }

  document.getElementById("ask").addEventListener("click", () => { round += 1; before = ""; clearTimeout(timer); });
  shown.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    const { link, name, leave } = button?.dataset ?? {};
    if (link) linkUp(link);
    if (name) nameLink(name);
    if (leave) { toggle(leave); turned = leave; clearTimeout(timer); timer = setTimeout(look, 0); }
  });
  return {
    soon: () => { clearTimeout(timer); timer = setTimeout(look, QUIET); },
    not: () => { clearTimeout(timer); round += 1; },
  };
}
