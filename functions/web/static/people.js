// @ts-check
// Recipients as chips in front of a textarea, one address per line: edited, completed, pasted as a list, and checked.
import { complete } from "./complete.js";

const LOOKS_RIGHT = /^(?:[^\s@<>",;]+|"[^"]+")@[^\s@<>]+\.[^\s@<>]+$|<[^\s@<>]+@[^\s@<>]+>$/;

export function split(text) {
  return text.match(/(?:"[^"]*"|<[^>]*>|[^,;\n])+/g)?.map((each) => each.trim()).filter(Boolean) ?? [];
}
const addressOf = (text) => (text.match(/<([^<>]+)>\s*$/)?.[1] ?? text).trim().toLowerCase();

export function people(form, words, most, changed) {
  const fields = [...form.querySelectorAll("[data-people]")].map(chips);

  function chips(field) {
    const kept = field.querySelector("textarea");
    const told = document.createElement("small");
    told.className = "danger";
    told.setAttribute("role", "status");
    const box = document.createElement("div");
    box.className = "chips";
    const input = document.createElement("input");
    Object.assign(input, { type: "text", id: `${kept.id}-next`, autocomplete: "off", spellcheck: false });
    field.querySelector("label").htmlFor = input.id;
    kept.hidden = true;
    box.append(input);
    kept.after(box, told);
    const offer = complete(input, words, (text) => { input.value = ""; add(text); keep(); judge(); });

    const all = () => [...box.querySelectorAll(".chip")];
    const keep = () => {
      kept.value = [...all().map((chip) => chip.dataset.text), input.value.trim()].filter(Boolean).join("\n");
      changed();
    };
    const add = (text) => {
      const chip = document.createElement("span");
      chip.className = "chip";
      chip.dataset.text = text;
      const shown = button(text, `${words.edit} ${text}`, () => {
        take();
        input.value = text;
        chip.remove();
        keep();
        judge();
        input.focus();
      });
      shown.className = "text quiet";
      const away = button("×", `${words.remove} ${text}`, () => { chip.remove(); keep(); judge(); input.focus(); });
      away.className = "quiet";
      chip.append(shown, away);
      box.insertBefore(chip, input);
    };
    const take = () => {
      if (!input.value.trim()) return;
      split(input.value).forEach((text) => add(text));
      input.value = "";
      offer.close();
      keep();
      judge();
    };
    const fill = (text) => { all().forEach((chip) => chip.remove()); kept.value = text; split(text).forEach((each) => add(each)); };

    input.addEventListener("keydown", (event) => {
      const quoted = (input.value.split('"').length - 1) % 2;
      if (offer.key(event, !LOOKS_RIGHT.test(input.value.trim()))) return;
      if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) { event.preventDefault(); take(); }
      if ((event.key === "," || event.key === ";") && !quoted) { event.preventDefault(); take(); }
      if (event.key === "Backspace" && !input.value) { all().at(-1)?.remove(); keep(); judge(); }
    });
    input.addEventListener("blur", () => { offer.close(); take(); });
    input.addEventListener("paste", (event) => {
      const text = event.clipboardData.getData("text/plain");
      if (!/[,;\n]/.test(text)) return;
      event.preventDefault();
      const whole = input.value.slice(0, input.selectionStart) + text + input.value.slice(input.selectionEnd);
      input.value = "";
      split(whole.replace(/\r/g, "")).forEach((each) => add(each));
      keep();
      judge();
    });
    input.addEventListener("input", keep);
    fill(kept.value);
    return { all, fill, take, told, kept, input };
  }

  function button(text, label, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.setAttribute("aria-label", label);
    made.addEventListener("click", act);
    return made;
  }

  // Mark what is not an address, what occurs twice, and what is too many, with words under the field.
  function judge() {
    const seen = new Set();
    const last = fields.findLast(({ all }) => all().length);
    for (const { all, told } of fields) {
      const wrong = [], twice = new Set();
      for (const chip of all()) {
        const address = addressOf(chip.dataset.text);
        const bad = !LOOKS_RIGHT.test(chip.dataset.text);
        const again = !bad && seen.has(address);
        seen.add(address);
        chip.classList.toggle("wrong", bad || (!again && seen.size > most));
        chip.classList.toggle("twice", again);
        if (bad) wrong.push(`“${chip.dataset.text}”`);
        if (again) twice.add(address);
      }
      const parts = [];
      if (wrong.length) parts.push(`${words.bad} ${wrong.join(", ")}`);
      if (twice.size) parts.push(`${words.twice} ${[...twice].join(", ")}`);
      if (told === last?.told && seen.size > most) parts.push(`${words.crowd} ${seen.size}.`);
      say(told, parts.join(" · "));
    }
    nameThem();
  }
  const say = (where, text) => { if (where.textContent !== text) where.textContent = text; };

  // Show the names of known people; what is sent stays as it was typed.
  const names = new Map();
  async function nameThem() {
    const plain = fields.flatMap(({ all }) => all()).filter((chip) => LOOKS_RIGHT.test(chip.dataset.text) && !chip.dataset.text.includes("<"));
    const fresh = plain.map((chip) => chip.dataset.text.toLowerCase()).filter((address) => !names.has(address));
    if (fresh.length) {
      fresh.forEach((address) => names.set(address, ""));
      try {
        const query = new URLSearchParams(fresh.map((address) => ["of", address]));
        const answer = await fetch(`/app/people/names?${query}`, { headers: { "HX-Request": "true" } });
        if (answer.ok) Object.entries(await answer.json()).forEach(([address, name]) => names.set(address, name));
      } catch { /* without the server an address stays an address */ }
    }
    for (const chip of plain) {
      const name = names.get(chip.dataset.text.toLowerCase());
      if (!name || chip.querySelector("b")) continue;
      const said = document.createElement("b");
      said.textContent = `${name} `;
      chip.querySelector(".text").prepend(said);
    }
  }

  judge();
  return {
    empty: () => !fields[0].all().length && !fields[0].input.value,
    focus: () => fields[0].input.focus(),
    take: () => fields.forEach((field) => field.take()),
    fill: (name, text) => { fields.find(({ kept }) => kept.name === name).fill(text); judge(); },
    ready: () => fields.some(({ all }) => all().length) && !form.querySelector(".people .chip.wrong"),
  };
}
