// @ts-check
// Keys that do what a visible button or link does (`aria-keyshortcuts` names it), never in a field; Settings switch them off.
"use strict";
(() => {
  const GO_MS = 1_500;
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("keys"));
  const opener = /** @type {HTMLElement} */ (document.querySelector("[data-opens=keys]"));
  opener.hidden = false;
  opener.addEventListener("click", () => dialog.showModal());

  // A list is one stop of the Tab key; j and k go from row to row.
  const rows = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".mails > li > a")]);
  const stop = (/** @type {HTMLElement} */ chosen) => {
    for (const row of rows) {
      row.tabIndex = row === chosen ? 0 : -1;
      const times = row.parentElement?.querySelector("summary");
      if (times) times.tabIndex = -1;
    }
  };
  if (rows.length) stop(rows[0]);

  const places = () => (rows.length ? rows : /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".letter > details > summary")])).filter((one) => one.checkVisibility());
  const move = (/** @type {number} */ step) => {
    const all = places();
    const here = all.findIndex((one) => one.parentElement?.contains(document.activeElement));
    const next = all[here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + step, 0), all.length - 1)];
    if (rows.length && next) stop(next);
    next?.focus();
  };

  const named = (/** @type {string} */ key, /** @type {ParentNode} */ within = document) =>
    /** @type {HTMLElement[]} */ ([...within.querySelectorAll("[aria-keyshortcuts]")]).filter((one) => one.getAttribute("aria-keyshortcuts") === key);
  const press = (/** @type {HTMLElement | undefined} */ one) => {
    if (!one) return false;
    if (one.matches("input, textarea")) one.focus();
    else one.click();
    return true;
  };
  // Who read what and when: of the row or the mail that has the focus, else of the newest mail.
  const readers = () => {
    const here = document.activeElement?.closest(".mails > li, .letter");
    const found = named("e", here ?? document).filter((one) => one.checkVisibility());
    const summary = here ? found[0] : found.at(rows.length ? 0 : -1);
    summary?.focus();
    const details = /** @type {HTMLDetailsElement | null | undefined} */ (summary?.closest("details"));
    if (details && (details.className !== "times" || !details.open)) summary?.click();
    return Boolean(summary);
  };

  let going = 0;
  /** @type {Record<string, () => unknown>} */
  const acts = {
    j: () => move(1),
    k: () => move(-1),
    o: () => /** @type {HTMLElement | null | undefined} */ (document.activeElement?.closest(".mails > li > a, .letter > details > summary"))?.click(),
    e: readers,
    "?": () => dialog.showModal(),
    g: () => { going = Date.now(); },
  };
  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented || event.repeat && !"jk".includes(event.key)) return;
    if (target.isContentEditable || target.matches("input, textarea, select") || document.querySelector("dialog[open]")) return;
    if (Date.now() - going < GO_MS) {
      going = 0;
      const link = /** @type {HTMLElement | null} */ (document.querySelector(`[data-go="${CSS.escape(event.key)}"]`));
      if (link) { event.preventDefault(); link.click(); return; }
    }
    if (event.key in acts) { acts[event.key](); event.preventDefault(); return; }
    if (event.key.length === 1 && press(named(event.key).find((one) => one.checkVisibility()))) event.preventDefault();
  });
})();
