// @ts-check
// Links that stay untracked in this mail: one address on each line of a field that only who has no scripts needs to see.
export function leftAlone(form, changed) {
  const field = form.elements.except;
  field.closest("details").hidden = true;
  const lines = () => field.value.split("\n").map((line) => line.trim()).filter(Boolean);
  return {
    // A report cuts long addresses: what begins with one is it.
    toggle(address) {
      const there = lines().filter((line) => line !== address && !(address.length >= 200 && line.startsWith(address)));
      field.value = (there.length === lines().length ? [...there, address] : there).join("\n");
      changed();
    },
  };
}
