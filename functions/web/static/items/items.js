// @ts-check
// Forms of items: choosing a related item (a WAI-ARIA combobox), and checking the size of a file.
"use strict";
(() => {
  const file = /** @type {HTMLInputElement | null} */ (document.querySelector("input[data-most]"));
  file?.addEventListener("change", () => {
    const large = [...(file.files ?? [])].some((each) => each.size > Number(file.dataset.most));
    file.setCustomValidity(large ? /** @type {string} */ (file.dataset.words) : "");
    file.reportValidity();
  });

  /**
   * @template {keyof HTMLElementTagNameMap} T
   * @param {T} tag
   * @param {Record<string, string>} attributes
   */
  const create = (tag, attributes) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };

  document.querySelectorAll("[data-pick]").forEach((field) => {
    /** @type {Words} */
    const words = JSON.parse(/** @type {string} */ (field.closest("form")?.dataset.words));
    const kind = field.dataset.pick ?? "";
    const idField = /** @type {HTMLInputElement} */ (field.querySelector("input"));  // holds the id; without scripts people type it here
    const input = create("input", {
      id: kind, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false",
      "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${kind}-options`,
    });
    for (const name of ["aria-describedby", "aria-invalid"]) {
      const value = idField.getAttribute(name);
      if (value !== null) input.setAttribute(name, value);
    }
    const clear = create("button", { type: "button", class: "quiet" });
    clear.textContent = "×";
    const choice = create("div", { class: "choice" });
    const list = create("ul", { id: `${kind}-options`, role: "listbox", class: "options", "aria-label": words.offered });
    const status = create("small", { role: "status" });
    let chosenTitle = field.dataset.title ?? "";
    let active = -1;
    let latest = 0;
    let wait = 0;

    idField.removeAttribute("id");
    idField.type = "hidden";
    idField.after(choice, list, status);
    choice.append(input, clear);

    const options = () => [.../** @type {HTMLCollectionOf<HTMLElement>} */ (list.children)];
    const close = () => {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const choose = (/** @type {string} */ id, /** @type {string} */ title) => {
      idField.value = id;
      chosenTitle = title;
      input.value = title;
      clear.hidden = !id;
      clear.setAttribute("aria-label", `${words.remove} ${title}`);
      status.textContent = "";
      latest += 1;
      clearTimeout(wait);
      close();
    };
    const pick = (/** @type {HTMLElement} */ option) => choose(option.dataset.id ?? "", option.dataset.title ?? "");
    const move = (/** @type {number} */ step) => {
      const all = options();
      if (list.hidden || !all.length) return;
      active = (active + step + all.length) % all.length;
      all.forEach((option, place) => option.setAttribute("aria-selected", String(place === active)));
      input.setAttribute("aria-activedescendant", all[active].id);
      all[active].scrollIntoView({ block: "nearest" });
    };
    const search = async () => {
      const text = input.value.trim();
      const request = latest += 1;
      if (!text) { close(); status.textContent = ""; return; }
      try {
        const answer = await fetch(`/app/pick/${kind}?find=${encodeURIComponent(text)}`, { headers: { "HX-Request": "true" } });
        if (!answer.ok) throw new Error(String(answer.status));
        const found = await answer.text();
        if (request !== latest) return;
        close();
        list.innerHTML = found;
        list.hidden = !list.children.length;
        input.setAttribute("aria-expanded", String(!list.hidden));
        status.textContent = list.hidden ? words.none : `${list.children.length} · ${words.found}`;
      } catch { if (request === latest) status.textContent = words.unread; }
    };

    choose(idField.value, chosenTitle);
    input.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(search, 250); });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        if (list.hidden) search(); else move(active < 0 && step < 0 ? 0 : step);
      }
      if (event.key === "Enter") {
        const option = options()[active];
        if (!list.hidden && option) pick(option);
        else if (input.value.trim() === chosenTitle) return;  // nothing was typed: Enter submits the form
        event.preventDefault();
      }
      if (event.key === "Escape" && !list.hidden) { event.stopPropagation(); close(); }
    });
    list.addEventListener("mousedown", (event) => event.preventDefault());  // the focus stays in the field
    list.addEventListener("click", (event) => {
      const option = /** @type {Element} */ (event.target).closest("[role=option]");
      if (option) pick(option);
    });
    input.addEventListener("blur", () => {
      if (input.value.trim()) choose(idField.value, chosenTitle); else choose("", "");
    });
    clear.addEventListener("click", () => { choose("", ""); input.focus(); });
  });
})();
