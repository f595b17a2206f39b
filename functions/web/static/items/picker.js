// @ts-check
// Items of a mail: an item that a search found becomes a chip, which can be removed. A page has one or more `data-picker`.

const notify = (/** @type {HTMLElement} */ picker) => picker.dispatchEvent(new Event("picked", { bubbles: true }));

// Add an item's chip, made from the page's template, unless there is one already.
/**
 * @param {HTMLElement} linked
 * @param {string} ref
 * @param {string} title
 */
export function addLinkedItem(linked, ref, title) {
  const there = /** @type {NodeListOf<HTMLInputElement>} */ (linked.querySelectorAll("[name=item]"));
  if ([...there].some((input) => input.value === ref)) return;
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("item-chip"));
  const chip = /** @type {HTMLElement} */ (/** @type {Element} */ (template.content.firstElementChild).cloneNode(true));
  /** @type {HTMLInputElement} */ (chip.querySelector("input")).value = ref;
  chip.querySelectorAll("[data-name]").forEach((shown) => { shown.textContent = title; });
  linked.append(chip);
}

document.addEventListener("click", (event) => {
  const picker = /** @type {Element} */ (event.target).closest("[data-picker]");
  if (!picker) return;
  const find = /** @type {HTMLInputElement} */ (picker.querySelector("[name=find]"));
  const chosen = /** @type {Element} */ (event.target).closest("[data-link]");
  if (chosen) {
    addLinkedItem(/** @type {HTMLElement} */ (picker.querySelector(".linked")), chosen.dataset.link ?? "", chosen.dataset.title ?? "");
    chosen.remove();
    find.value = "";
  }
  const remove = /** @type {Element} */ (event.target).closest("[data-remove]");
  remove?.closest(".chip")?.remove();
  if (chosen || remove) {
    find.focus();
    notify(picker);
  }
});

// Enter moves to the search results: it must not submit the form around them.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !/** @type {Element} */ (event.target).matches("[data-picker] [name=find]")) return;
  event.preventDefault();
  /** @type {Element} */ (event.target).closest("[data-picker]")?.querySelector("[data-link]")?.focus();
});
