// @ts-check
// Opens a dialog and returns the answer, or null if it was cancelled. The focus starts in the field `first`. `validate`
// returns the wrong field and a message if an answer is not valid, otherwise null.
/**
 * @template {Record<string, string | boolean>} V
 * @param {HTMLDialogElement} dialog
 * @param {V} values
 * @param {(given: Answer<V>) => [string, string] | null} validate
 * @returns {Promise<Answer<V> | null>}
 */
export function ask(dialog, values, validate, first = "") {
  const form = /** @type {HTMLFormElement} */ (dialog.querySelector("form"));
  const wrong = /** @type {HTMLElement} */ (dialog.querySelector("[role=alert]"));
  const control = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  form.reset();
  wrong.textContent = "";
  for (const [name, value] of Object.entries(values)) {
    const input = control(name);
    if (typeof value === "boolean") input.checked = value; else input.value = value;
    input.removeAttribute("aria-invalid");
  }
  return new Promise((resolve) => {
    const opened = new AbortController();
    const read = () => /** @type {Answer<V>} */ (Object.fromEntries(new FormData(form)));
    const finish = (/** @type {Answer<V> | null} */ answer) => {  // at once, not at the close event: by then the person may be typing again
      opened.abort();
      dialog.close();
      resolve(answer);
    };
    const { signal } = opened;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const refused = validate(read());
      if (!refused) { finish(read()); return; }
      const [name, words] = refused;
      wrong.textContent = words;
      control(name).setAttribute("aria-invalid", "true");
      control(name).focus();
    }, { signal });
    dialog.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("[data-answer]");
      if (button) finish(button.dataset.answer ? { ...read(), by: button.dataset.answer } : null);
    }, { signal });
    dialog.addEventListener("close", () => finish(null), { signal });
    dialog.showModal();
    (control(first) ?? /** @type {HTMLInputElement} */ (form.querySelector("input"))).select();
  });
}

// Return the address that a person means, or null if a link cannot lead there.
/** @param {string} text */
export function addressOf(text) {
  let typed = text.trim();
  if (/^[^\s@/:]+@[^\s@/:]+\.[^\s@/:]+$/.test(typed)) typed = `mailto:${typed}`;
  else if (!/^[a-z][a-z0-9+.-]*:(?!\d)/i.test(typed)) typed = `https://${typed}`;
  if (/\s/.test(typed) || !/^(https?:\/\/|mailto:.|tel:.)/i.test(typed)) return null;
  try {
    const { protocol, hostname } = new URL(typed);
    return !protocol.startsWith("http") || /\.[^.]|^localhost$|^\[/.test(hostname) ? typed : null;
  } catch { return null; }
}
