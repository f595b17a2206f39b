// @ts-check
// Recipients as chips in front of a textarea, one address per line: edited, completed, pasted as a list, and checked.
import { complete } from "./complete.js";

const LOOKS_RIGHT = /^(?:[^\s@<>",;]+|"[^"]+")@[^\s@<>]+\.[^\s@<>]+$|<[^\s@<>]+@[^\s@<>]+>$/;

/**
 * @param {string} text
 * @returns {string[]}
 */
export function split(text) {
  return text.match(/(?:"[^"]*"|<[^>]*>|[^,;\n])+/g)?.map((each) => each.trim()).filter(Boolean) ?? [];
}
const recipientOf = (/** @type {HTMLElement} */ chip) => /** @type {string} */ (chip.dataset.text);
const addressOf = (/** @type {string} */ text) => (text.match(/<([^<>]+)>\s*$/)?.[1] ?? text).trim().toLowerCase();

/**
 * @param {HTMLFormElement} form
 * @param {Words} words
 * @param {number} maximum
 * @param {() => void} changed
 */
export function people(form, words, maximum, changed) {
  const fields = [...form.querySelectorAll("[data-people]")].map(chips);

  /** @param {HTMLElement} field */
  function chips(field) {
    const textarea = /** @type {HTMLTextAreaElement} */ (field.querySelector("textarea"));
    const status = document.createElement("small");
    status.className = "danger";
    status.setAttribute("role", "status");
    const box = document.createElement("div");
    box.className = "chips";
    const input = document.createElement("input");
    Object.assign(input, { type: "text", id: `${textarea.id}-next`, autocomplete: "off", spellcheck: false });
    /** @type {HTMLLabelElement} */ (field.querySelector("label")).htmlFor = input.id;
    textarea.hidden = true;
    box.append(input);
    textarea.after(box, status);
    const suggestions = complete(input, words, (text) => { input.value = ""; add(text); store(); validate(); });

    const all = () => [...box.querySelectorAll(".chip")];
    const store = () => {
      textarea.value = [...all().map(recipientOf), input.value.trim()].filter(Boolean).join("\n");
      changed();
    };
    const add = (/** @type {string} */ text) => {
      const chip = document.createElement("span");
      chip.className = "chip";
      chip.dataset.text = text;
      const shown = button(text, `${words.edit} ${text}`, () => {
        addTyped();
        input.value = text;
        chip.remove();
        store();
        validate();
        input.focus();
      });
      shown.className = "text quiet";
      const remove = button("×", `${words.remove} ${text}`, () => { chip.remove(); store(); validate(); input.focus(); });
      remove.className = "quiet";
      chip.append(shown, remove);
      box.insertBefore(chip, input);
    };
    const addTyped = () => {
      if (!input.value.trim()) return;
      split(input.value).forEach((text) => add(text));
      input.value = "";
      suggestions.close();
      store();
      validate();
    };
    const fill = (/** @type {string} */ text) => { all().forEach((chip) => chip.remove()); textarea.value = text; split(text).forEach((each) => add(each)); };

    input.addEventListener("keydown", (event) => {
      const quoted = (input.value.split('"').length - 1) % 2;
      if (suggestions.key(event, !LOOKS_RIGHT.test(input.value.trim()))) return;
      if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) { event.preventDefault(); addTyped(); }
      if ((event.key === "," || event.key === ";") && !quoted) { event.preventDefault(); addTyped(); }
      if (event.key === "Backspace" && !input.value) { all().at(-1)?.remove(); store(); validate(); }
    });
    input.addEventListener("blur", () => { suggestions.close(); addTyped(); });
    input.addEventListener("paste", (event) => {
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (!/[,;\n]/.test(text)) return;
      event.preventDefault();
      const whole = input.value.slice(0, input.selectionStart ?? 0) + text + input.value.slice(input.selectionEnd ?? 0);
      input.value = "";
      split(whole.replace(/\r/g, "")).forEach((each) => add(each));
      store();
      validate();
    });
    input.addEventListener("input", store);
    fill(textarea.value);
    return { all, fill, addTyped, status, textarea, input };
  }

  /**
   * @param {string} text
   * @param {string} label
   * @param {() => void} act
   */
  function button(text, label, act) {
    const element = document.createElement("button");
    element.type = "button";
    element.textContent = text;
    element.setAttribute("aria-label", label);
    element.addEventListener("click", act);
    return element;
  }

  // Mark what is not an address, what occurs twice, and what is too many, with words under the field.
  function validate() {
    const seen = new Set();
    const last = fields.findLast(({ all }) => all().length);
    for (const { all, status } of fields) {
      const wrong = [], twice = new Set();
      for (const chip of all()) {
        const address = addressOf(recipientOf(chip));
        const bad = !LOOKS_RIGHT.test(recipientOf(chip));
        const again = !bad && seen.has(address);
        seen.add(address);
        chip.classList.toggle("wrong", bad || (!again && seen.size > maximum));
        chip.classList.toggle("twice", again);
        if (bad) wrong.push(`“${recipientOf(chip)}”`);
        if (again) twice.add(address);
      }
      const parts = [];
      if (wrong.length) parts.push(`${words.bad} ${wrong.join(", ")}`);
      if (twice.size) parts.push(`${words.twice} ${[...twice].join(", ")}`);
      if (status === last?.status && seen.size > maximum) parts.push(`${words.crowd} ${seen.size}.`);
      setText(status, parts.join(" · "));
    }
    showNames();
  }
  const setText = (/** @type {HTMLElement} */ where, /** @type {string} */ text) => { if (where.textContent !== text) where.textContent = text; };

  // Show the names of known people; what is sent stays as it was typed.
  const names = new Map();
  async function showNames() {
    const plain = fields.flatMap(({ all }) => all()).filter((chip) => LOOKS_RIGHT.test(recipientOf(chip)) && !recipientOf(chip).includes("<"));
    const fresh = plain.map((chip) => recipientOf(chip).toLowerCase()).filter((address) => !names.has(address));
    if (fresh.length) {
      fresh.forEach((address) => names.set(address, ""));
      try {
        const query = new URLSearchParams(fresh.map((address) => ["of", address]));
        const answer = await fetch(`/app/people/names?${query}`, { headers: { "HX-Request": "true" } });
        if (answer.ok) Object.entries(await answer.json()).forEach(([address, name]) => names.set(address, name));
      } catch { /* without the server an address stays an address */ }
    }
    for (const chip of plain) {
      const name = names.get(recipientOf(chip).toLowerCase());
      if (!name || chip.querySelector("b")) continue;
      const bold = document.createElement("b");
      bold.textContent = `${name} `;
      /** @type {HTMLElement} */ (chip.querySelector(".text")).prepend(bold);
    }
  }

  validate();
  return {
    empty: () => !fields[0].all().length && !fields[0].input.value,
    focus: () => fields[0].input.focus(),
    addTyped: () => fields.forEach((field) => field.addTyped()),
    fill: (/** @type {string} */ name, /** @type {string} */ text) => { fields.find(({ textarea }) => textarea.name === name)?.fill(text); validate(); },
    ready: () => fields.some(({ all }) => all().length) && !form.querySelector(".people .chip.wrong"),
  };
}
