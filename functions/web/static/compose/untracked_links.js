// @ts-check
// Links that stay untracked in this mail: one address per line of a field that is hidden when scripts run.
/**
 * @param {HTMLFormElement} form
 * @param {() => void} changed
 */
export function untrackedLinks(form, changed) {
  const field = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("except"));
  /** @type {HTMLElement} */ (field.closest("details")).hidden = true;
  const lines = () => field.value.split("\n").map((line) => line.trim()).filter(Boolean);
  return {
    // The check shortens long addresses: a line that begins with the shortened address is the same.
    toggle(/** @type {string} */ address) {
      const there = lines().filter((line) => line !== address && !(address.length >= 200 && line.startsWith(address)));
      field.value = (there.length === lines().length ? [...there, address] : there).join("\n");
      changed();
    },
  };
}
