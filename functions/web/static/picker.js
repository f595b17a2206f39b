// @ts-check
// Items of a mail: an item that a search found becomes a chip, which can be removed. A page has one or more `data-picker`.

const tell = (picker) => picker.dispatchEvent(new Event("picked", { bubbles: true }));

// Add an item's chip, made from the page's template, unless there is one already.
export function link(linked, spelled, title) {
  if ([...linked.querySelectorAll("[name=item]")].some((kept) => kept.value === spelled)) return;
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("item-chip"));
  const made = /** @type {HTMLElement} */ (template.content.firstElementChild.cloneNode(true));
  made.querySelector("input").value = spelled;
  made.querySelectorAll("[data-name]").forEach((shown) => { shown.textContent = title; });
  linked.append(made);
}

document.addEventListener("click", (event) => {
  const picker = /** @type {Element} */ (event.target).closest("[data-picker]");
  if (!picker) return;
  const find = /** @type {HTMLInputElement} */ (picker.querySelector("[name=find]"));
  const picked = /** @type {Element} */ (event.target).closest("[data-link]");
  if (picked) {
    link(picker.querySelector(".linked"), picked.dataset.link, picked.dataset.title);
    picked.remove();
    find.value = "";
  }
  const away = /** @type {Element} */ (event.target).closest("[data-remove]");
  away?.closest(".chip").remove();
  if (picked || away) {
    find.focus();
    tell(picker);
  }
});

// Enter moves to the search results: it must not submit the form around them.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !/** @type {Element} */ (event.target).matches("[data-picker] [name=find]")) return;
  event.preventDefault();
  /** @type {Element} */ (event.target).closest("[data-picker]").querySelector("[data-link]")?.focus();
});
