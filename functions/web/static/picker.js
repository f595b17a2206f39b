// Items of a mail: what a search found becomes a chip, and a chip can be taken away. Each `data-picker` is one of them.
"use strict";
(() => {
  const chipOf = (picked, word) => {
    const chip = document.createElement("span");
    chip.className = "chip";
    const kept = document.createElement("input");
    kept.type = "hidden";
    kept.name = "item";
    kept.value = picked.dataset.link;
    const shown = document.createElement("span");
    shown.textContent = picked.textContent;
    const away = document.createElement("button");
    away.type = "button";
    away.className = "quiet";
    away.textContent = "×";
    away.dataset.remove = "";
    away.setAttribute("aria-label", `${word} ${picked.textContent}`);
    chip.append(kept, shown, away);
    return chip;
  };
  const changed = (element) => element.dispatchEvent(new Event("change", { bubbles: true }));

  document.addEventListener("click", (event) => {
    const picker = event.target.closest("[data-picker]");
    if (!picker) return;
    const find = picker.querySelector("[name=find]");
    const linked = picker.querySelector(".linked");
    const picked = event.target.closest("[data-link]");
    if (picked) {
      const there = [...linked.querySelectorAll("[name=item]")].some((kept) => kept.value === picked.dataset.link);
      if (!there) linked.append(chipOf(picked, linked.dataset.word));
      picked.remove();
      find.value = "";
      find.focus();
      const kept = linked.querySelector(".chip:last-child [name=item]");
      if (kept) changed(kept);
    }
    const away = event.target.closest("[data-remove]");
    if (away) {
      away.closest(".chip").remove();
      find.focus();
      changed(find);
    }
  });

  // Enter looks among what was found: it must not send off the form around it.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("[data-picker] [name=find]")) return;
    event.preventDefault();
    event.target.closest("[data-picker]").querySelector("[data-link]")?.focus();
  });
})();
