// @ts-check
// Forms of items: choosing a related item (a WAI-ARIA combobox), and checking the size of a file.
"use strict";
(() => {
  const file = /** @type {HTMLInputElement | null} */ (document.querySelector("input[data-most]"));
  file?.addEventListener("change", () => {
    const large = [...file.files].some((each) => each.size > Number(file.dataset.most));
    file.setCustomValidity(large ? file.dataset.words : "");
    file.reportValidity();
  });

  const made = (tag, attributes) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };

  document.querySelectorAll("[data-pick]").forEach((field) => {
    const words = JSON.parse(field.closest("form").dataset.words);
    const kind = field.dataset.pick;
    const kept = field.querySelector("input");  // holds the id; without scripts people type it here
    const input = made("input", {
      id: kind, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false",
      "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${kind}-options`,
    });
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (kept.hasAttribute(name)) input.setAttribute(name, kept.getAttribute(name));
    }
    const away = made("button", { type: "button", class: "quiet" });
    away.textContent = "×";
    const choice = made("div", { class: "choice" });
    const list = made("ul", { id: `${kind}-options`, role: "listbox", class: "options", "aria-label": words.offered });
    const said = made("small", { role: "status" });
    let chosen = field.dataset.title;
    let active = -1;
    let asked = 0;
    let wait = 0;

    kept.removeAttribute("id");
    kept.type = "hidden";
    kept.after(choice, list, said);
    choice.append(input, away);

    const options = () => [...list.children];
    const close = () => {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const settle = (id, title) => {
      kept.value = id;
      chosen = title;
      input.value = title;
      away.hidden = !id;
      away.setAttribute("aria-label", `${words.remove} ${title}`);
      said.textContent = "";
      asked += 1;
      clearTimeout(wait);
      close();
    };
    const move = (step) => {
      const all = options();
      if (list.hidden || !all.length) return;
      active = (active + step + all.length) % all.length;
      all.forEach((option, place) => option.setAttribute("aria-selected", String(place === active)));
      input.setAttribute("aria-activedescendant", all[active].id);
      all[active].scrollIntoView({ block: "nearest" });
    };
    const look = async () => {
      const text = input.value.trim();
      const mine = asked += 1;
      if (!text) { close(); said.textContent = ""; return; }
      try {
        const answer = await fetch(`/app/pick/${kind}?find=${encodeURIComponent(text)}`, { headers: { "HX-Request": "true" } });
        if (!answer.ok) throw new Error(String(answer.status));
        const found = await answer.text();
        if (mine !== asked) return;
        close();
        list.innerHTML = found;
        list.hidden = !list.children.length;
        input.setAttribute("aria-expanded", String(!list.hidden));
        said.textContent = list.hidden ? words.none : `${list.children.length} · ${words.found}`;
      } catch { if (mine === asked) said.textContent = words.unread; }
    };

    settle(kept.value, chosen);
    input.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(look, 250); });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        if (list.hidden) look(); else move(active < 0 && step < 0 ? 0 : step);
      }
      if (event.key === "Enter") {
        const option = options()[active];
        if (!list.hidden && option) settle(option.dataset.id, option.dataset.title);
        else if (input.value.trim() === chosen) return;  // nothing was typed: Enter submits the form
        event.preventDefault();
      }
      if (event.key === "Escape" && !list.hidden) { event.stopPropagation(); close(); }
    });
    list.addEventListener("mousedown", (event) => event.preventDefault());  // the focus stays in the field
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) settle(option.dataset.id, option.dataset.title);
    });
    input.addEventListener("blur", () => {
      if (input.value.trim()) settle(kept.value, chosen); else settle("", "");
    });
    away.addEventListener("click", () => { settle("", ""); input.focus(); });
  });
})();
