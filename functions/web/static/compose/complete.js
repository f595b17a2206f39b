// @ts-check
// Suggests people under a recipient field (a WAI-ARIA combobox). `choose` is called with the text that one would type.
const WAIT = 200;

/**
 * @param {HTMLInputElement} input
 * @param {Words} words
 * @param {(text: string) => void} choose
 */
export function complete(input, words, choose) {
  const list = document.createElement("ul");
  Object.assign(list, { id: `${input.id}-options`, className: "options", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", words.offered);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) input.setAttribute(name, value);
  const box = /** @type {HTMLElement} */ (input.parentElement);
  box.classList.add("pick");
  box.append(list);
  let active = -1, latest = 0, wait = 0;

  const options = () => [.../** @type {HTMLCollectionOf<HTMLElement>} */ (list.children)];
  function close() {
    latest += 1;
    clearTimeout(wait);
    list.hidden = true;
    list.replaceChildren();
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
  async function search() {
    const text = input.value.trim();
    const request = latest += 1;
    if (!text) { close(); return; }
    let found = "";
    try {
      const answer = await fetch(`/app/people?field=${input.id}&find=${encodeURIComponent(text)}`, { headers: { "HX-Request": "true" } });
      if (answer.ok) found = await answer.text();
    } catch { /* without the server there are no suggestions */ }
    if (request !== latest) return;
    close();
    list.innerHTML = found;
    list.hidden = !list.children.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
  }
  /** @param {number} step */
  function move(step) {
    const all = options();
    active = (active + step + all.length) % all.length;
    all.forEach((option, place) => option.setAttribute("aria-selected", String(place === active)));
    input.setAttribute("aria-activedescendant", all[active].id);
    all[active].scrollIntoView({ block: "nearest" });
  }
  /** @param {HTMLElement} option */
  function pick(option) {
    close();
    choose(option.dataset.text ?? "");
    input.focus();
  }

  input.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(search, WAIT); });
  list.addEventListener("mousedown", (event) => event.preventDefault());  // the focus stays in the field
  list.addEventListener("click", (event) => {
    const option = /** @type {Element} */ (event.target).closest("[role=option]");
    if (option) pick(option);
  });

  // Return whether a key was meant for the list. Enter and Tab choose its first option if the typed text is not an address yet.
  /**
   * @param {KeyboardEvent} event
   * @param {boolean} unfinished
   */
  function key(event, unfinished) {
    if (list.hidden) return false;
    const all = options();
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(active < 0 ? 0 : -1);
    else if (event.key === "Escape") close();
    else if (["Enter", "Tab"].includes(event.key) && !event.ctrlKey && !event.metaKey && !event.shiftKey && (active >= 0 || unfinished)) pick(all[Math.max(0, active)]);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
  return { close, key };
}
