// @ts-check
// Opens a dialog and returns the answer, or null if it was cancelled. The focus starts in the field `first`. `validate`
// returns the wrong field and a message if an answer is not valid, otherwise null.
export function ask(dialog, values, validate, first = "") {
  const form = dialog.querySelector("form");
  const wrong = dialog.querySelector("[role=alert]");
  form.reset();
  wrong.textContent = "";
  for (const [name, value] of Object.entries(values)) {
    const input = form.elements[name];
    if (input.type === "checkbox") input.checked = value; else input.value = value;
    input.removeAttribute("aria-invalid");
  }
  return new Promise((resolve) => {
    const opened = new AbortController();
    const read = () => Object.fromEntries(new FormData(form));
    const finish = (answer) => {  // at once, not at the close event: by then the person may be typing again
      opened.abort();
      dialog.close();
      resolve(answer);
    };
    const listen = (target, kind, act) => target.addEventListener(kind, act, { signal: opened.signal });
    listen(form, "submit", (event) => {
      event.preventDefault();
      const [name, words] = validate(read()) ?? [];
      if (!words) { finish(read()); return; }
      wrong.textContent = words;
      form.elements[name].setAttribute("aria-invalid", "true");
      form.elements[name].focus();
    });
    listen(dialog, "click", (event) => {
      const button = event.target.closest("[data-answer]");
      if (button) finish(button.dataset.answer ? { by: button.dataset.answer } : null);
    });
    listen(dialog, "close", () => finish(null));
    dialog.showModal();
    (form.elements[first] ?? form.querySelector("input")).select();
  });
}

// Return the address that a person means, or null if a link cannot lead there.
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
