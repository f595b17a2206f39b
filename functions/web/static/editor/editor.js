// @ts-check
// A rich text editor for a textarea, which holds the HTML: formatting, links, and images, which are uploaded at once.
import { addressOf, ask } from "./dialogs.js";
import { linker, shownAs } from "./links.js";
import { post } from "../server.js";

const UPLOADED = /^\/app\/images\/[0-9a-f-]{36}$/;
const CLEAN = {
  RETURN_DOM_FRAGMENT: true, ALLOWED_URI_REGEXP: /^(?:(?:https?|mailto|tel):|\/app\/images\/)/i,
  FORBID_ATTR: ["style", "class", "id", "srcset"], FORBID_TAGS: ["style", "form", "input", "button", "table", "picture"],
};

/** @param {string} html */
export function sanitize(html) {
  /** @type {DocumentFragment} */
  const found = document.importNode(DOMPurify.sanitize(html, CLEAN), true);
  for (const each of found.querySelectorAll("img")) if (!UPLOADED.test(each.getAttribute("src") ?? "")) each.remove();
  return found;
}

// `changed` is called after every change, `showStatus` with what goes on or went wrong, `attach` with dropped files that are not images.
/**
 * @param {HTMLElement} box an element with the parts of an editor
 * @param {{changed: () => void, showStatus: (words: string, urgent?: boolean) => void, attach?: (files: File[]) => void}} uses
 */
export function edit(box, { changed, showStatus, attach = () => {} }) {
  /** @type {Words} */
  const words = JSON.parse(box.dataset.words ?? "{}");
  const textarea = /** @type {HTMLTextAreaElement} */ (box.querySelector("textarea"));
  const root = /** @type {HTMLElement} */ (box.querySelector(".editor"));
  const bar = /** @type {HTMLElement} */ (box.querySelector(".toolbar"));
  const fileInput = /** @type {HTMLInputElement} */ (box.querySelector("input[type=file]"));
  root.hidden = bar.hidden = false;
  /** @type {HTMLElement} */ (textarea.closest("label")).hidden = true;

  const editor = new Squire(root, { sanitizeToDOMFragment: sanitize, addLinks: false });
  editor._imageResizer.destroy();  // its handles need style attributes, which the policy forbids; mail would lose the size
  editor.setHTML(textarea.value);
  const sync = () => { textarea.value = editor.getHTML(); };
  let lastHtml = editor.getHTML();
  editor.addEventListener("input", () => {  // a click fires it too
    sync();
    if (textarea.value === lastHtml) return;
    lastHtml = textarea.value;
    changed();
  });
  editor.setKeyHandler("Tab", null);
  editor.setKeyHandler("Shift-Tab", null);

  // Formatting: a second press of a button removes the format

  const inside = (/** @type {string} */ tag) => editor.hasFormat(tag);
  /** @type {Record<string, () => unknown>} */
  const acts = {
    bold: () => (inside("b") ? editor.removeBold() : editor.bold()),
    italic: () => (inside("i") ? editor.removeItalic() : editor.italic()),
    underline: () => (inside("u") ? editor.removeUnderline() : editor.underline()),
    unordered: () => (inside("ul") ? editor.removeList() : editor.makeUnorderedList()),
    ordered: () => (inside("ol") ? editor.removeList() : editor.makeOrderedList()),
    quote: () => (inside("blockquote") ? editor.decreaseQuoteLevel() : editor.increaseQuoteLevel()),
    unlink: () => unlink(),
    link: () => link(), image,
  };
  /** @type {Record<string, string>} */
  const tags = { bold: "b", italic: "i", underline: "u", unordered: "ul", ordered: "ol", quote: "blockquote", link: "a" };
  const buttons = [...bar.querySelectorAll("[data-do]")];
  const show = () => buttons.forEach((button) => {
    const tag = tags[button.dataset.do ?? ""];
    if (tag) button.setAttribute("aria-pressed", String(inside(tag)));
  });
  show();
  editor.addEventListener("pathChange", show);
  editor.addEventListener("select", show);
  buttons.forEach((button, place) => {
    button.tabIndex = place ? -1 : 0;
    button.addEventListener("mousedown", (event) => event.preventDefault());  // the selection stays where it is
    button.addEventListener("click", async () => {
      const act = button.dataset.do ?? "";
      await acts[act]();
      if (!["link", "image"].includes(act)) editor.focus();
      show();
    });
  });
  bar.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : undefined;
    const to = event.key === "Home" ? 0 : event.key === "End" ? buttons.length - 1
      : step && (buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement)) + step + buttons.length) % buttons.length;
    if (to === undefined) return;
    event.preventDefault();
    buttons.forEach((button, place) => { button.tabIndex = place === to ? 0 : -1; });
    buttons[to].focus();
  });

  // Links

  const linkAt = (/** @type {Range} */ range) => {
    const node = range.commonAncestorContainer;
    const inside = /** @type {Element} */ (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest("#editor a");
    const bare = (/** @type {string} */ text) => text.replaceAll("\u200B", "");  // the editor inserts it for the caret
    return inside ?? [...root.querySelectorAll("a")].find((one) => (
      range.intersectsNode(one) && bare(one.textContent) === bare(range.toString()))) ?? null;
  };
  async function link(first = "address") {
    const range = editor.getSelection();
    const anchor = linkAt(range);
    if (anchor) range.selectNode(anchor);
    /** @type {string} */
    const before = anchor ? anchor.textContent : editor.getSelectedText(range);
    const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("link-dialog"));
    /** @type {HTMLElement} */ (dialog.querySelector("[data-answer=remove]")).hidden = !anchor;
    const answer = await ask(dialog,
      { address: anchor?.getAttribute("href") ?? "", text: before }, ({ address }) => (
        addressOf(address) ? null : ["address", words.badAddress]), first);
    editor.focus();
    editor.setSelection(range);
    if (!answer) return;
    if (answer.by === "remove") { unlink(); return; }
    const href = addressOf(answer.address) ?? "";
    const text = answer.text.trim() || shownAs(answer.address.trim());
    if (!anchor && before && (text === before.trim() || before.includes("\n"))) { editor.makeLink(href); return; }
    const made = document.createElement("a");
    made.href = href;
    if (anchor && text === before.trim()) made.append(...anchor.cloneNode(true).childNodes); else made.textContent = text;
    editor.saveUndoState(range);
    range.deleteContents();
    editor.insertElement(made, range);
  }
  // Addresses become links as they are typed, or at the latest when the text loses the focus or is sent

  /** @type {Set<string>} */
  const declined = new Set();  // addresses whose link was removed
  const links = linker(editor.linkRegExp, declined);
  const decline = () => { links.tidy(root); links.bare(root).forEach((address) => declined.add(address)); };
  decline();
  /**
   * @param {Range} range
   * @returns {Caret}
   */
  function caretIn({ endContainer: node, endOffset: offset }) {  // in the text node before it, because that node moves
    const before = node.nodeType === Node.TEXT_NODE ? null : node.childNodes[offset - 1];
    return before instanceof Text ? { node: before, offset: before.length } : { node, offset };
  }
  /** @param {{wanted: (found: Found) => boolean}} [options] */
  function linkAll(options) {
    links.tidy(root);
    const there = links.bare(root).filter((address) => options || !declined.has(address));
    if (!there.length) return;
    editor.saveUndoState();
    links.tidy(root);
    const range = editor.getSelection();
    const caret = caretIn(range);
    if (!links.all(root, { ...options, caret })) return;
    if (range.collapsed && root.contains(caret.node)) {
      range.setStart(caret.node, caret.offset);
      range.collapse(true);
      editor.setSelection(range);
    }
    sync();
    lastHtml = textarea.value;
    changed();
  }
  function linkTyped() {  // the word before the caret, once it is followed by a space
    const { startContainer: node, startOffset: end, collapsed } = /** @type {Range} */ (editor.getSelection());
    if (!collapsed || !(node instanceof Text) || node.parentElement?.closest("a")) return;
    const word = node.data.slice(0, end).match(/(\S+)\s$/)?.[1];
    if (word && editor.linkRegExp.test(word)) linkAll();
  }
  root.addEventListener("input", (event) => { if (/^\s$/.test(/** @type {InputEvent} */ (event).data ?? "")) linkTyped(); });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) setTimeout(() => linkAll(), 0);
    if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) setTimeout(decline, 0);
  });
  root.addEventListener("blur", () => setTimeout(() => {
    if (!box.contains(document.activeElement) && !document.querySelector("dialog[open]")) linkAll();
  }, 0));
  editor.addEventListener("willPaste", (/** @type {CustomEvent} */ { detail }) => {
    if (detail.fragment) links.all(detail.fragment, { whole: true, wanted: () => true });
  });
  function unlink() { editor.removeLink(); decline(); }

  // Return the HTML as it will be sent.
  function asSent() {
    const made = document.createElement("template");
    made.innerHTML = editor.getHTML();
    links.all(made.content);
    return made.innerHTML;
  }
  /** @param {string} address */
  function linkAddress(address) {
    declined.delete(address);
    linkAll({ wanted: (found) => found.address === address || found.address.startsWith(address) });
  }
  /** @param {string} address */
  function editLinkText(address) {
    const anchor = [...root.querySelectorAll("a")].find((one) => (
      one.getAttribute("href") === address && /^https?:\/\/\S+$/i.test(one.textContent.trim())));
    if (!anchor) return;
    const range = document.createRange();
    range.selectNodeContents(anchor);
    editor.focus();
    editor.setSelection(range);
    link("text");
  }

  editor.setKeyHandler("Ctrl-k", (/** @type {unknown} */ _, /** @type {KeyboardEvent} */ event) => { event.preventDefault(); link(); });
  editor.setKeyHandler("Meta-k", (/** @type {unknown} */ _, /** @type {KeyboardEvent} */ event) => { event.preventDefault(); link(); });

  // Images

  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("image-dialog"));
  const controls = /** @type {any} */ (/** @type {HTMLFormElement} */ (dialog.querySelector("form")).elements);  // words or decoration: the later choice counts
  controls.alt.addEventListener("input", () => { controls.decoration.checked = false; });
  controls.decoration.addEventListener("change", () => { if (controls.decoration.checked) controls.alt.value = ""; });
  const describe = (/** @type {string} */ src, /** @type {string} */ alt, /** @type {boolean} */ decoration) => {
    /** @type {HTMLElement} */ (dialog.querySelector("[data-look]")).replaceChildren(Object.assign(new Image(), { src, alt: "" }));
    return ask(dialog, { alt, decoration }, (given) => (
      given.alt.trim() || given.decoration ? null : ["alt", words.noAlt]));
  };
  const altOf = (/** @type {{alt: string}} */ answer) => answer.alt.trim();
  /** @param {HTMLImageElement} shown */
  async function redescribe(shown) {
    const answer = await describe(shown.src, shown.alt, !shown.alt);
    if (answer) shown.alt = altOf(answer);
    editor.focus();
  }
  function image() {
    const shown = editor.getSelection().cloneContents().querySelectorAll("img");
    const here = shown.length === 1 && [...root.querySelectorAll("img")].find((one) => editor.getSelection().intersectsNode(one));
    if (here) return redescribe(here);
    return fileInput.click();
  }
  root.addEventListener("click", (event) => {
    if (!(event.target instanceof HTMLImageElement)) return;
    const range = document.createRange();
    range.selectNode(event.target);
    editor.setSelection(range);
  });
  root.addEventListener("dblclick", (event) => { if (event.target instanceof HTMLImageElement) redescribe(event.target); });

  /** @param {File} file */
  async function insert(file) {
    if (!/^image\/(png|jpeg|gif|webp)$/.test(file.type)) { showStatus(`${file.name}: ${words.kind}`, true); return; }
    if (file.size > 1000000) { showStatus(`${file.name}: ${words.heavy}`, true); return; }
    const range = editor.getSelection();
    showStatus(`${file.name}: ${words.uploading}`);
    let address;
    try {
      const answer = await post("/app/images", file, { headers: { "Content-Type": "application/octet-stream" } });
      if (answer.status === 422) { showStatus(`${file.name}: ${words.kind}`, true); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      address = await answer.text();
    } catch { showStatus(`${file.name}: ${words.failed}`, true); return; }
    showStatus("");
    const answer = await describe(address, "", false);
    editor.focus();
    editor.setSelection(range);
    if (!answer) return;
    editor.insertImage(address, { alt: altOf(answer) });
    sync();
    changed();
  }
  const insertAll = async (/** @type {File[]} */ files) => { for (const file of files) await insert(file); };
  fileInput.addEventListener("change", async () => { await insertAll([...(fileInput.files ?? [])]); fileInput.value = ""; });
  editor.addEventListener("pasteImage", (/** @type {CustomEvent<{clipboardData: DataTransfer}>} */ event) => {
    const items = [...event.detail.clipboardData.items].filter((each) => each.kind === "file");
    insertAll(items.map((each) => each.getAsFile()).filter((file) => file !== null).filter((file) => file.type.startsWith("image/")));
  });
  box.addEventListener("drop", (event) => {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    event.stopPropagation();
    const place = document.caretRangeFromPoint?.(event.clientX, event.clientY);
    if (place && root.contains(place.startContainer)) editor.setSelection(place);
    document.dispatchEvent(new Event("dropped"));
    insertAll(files.filter((file) => file.type.startsWith("image/")));
    attach(files.filter((file) => !file.type.startsWith("image/")));
  }, true);

  return {
    asSent, linkAddress, editLinkText,
    finish: () => { linkAll(); sync(); },
    fill: (/** @type {string} */ html) => { editor.setHTML(html); sync(); lastHtml = textarea.value; },
    focus: () => editor.focus(),
  };
}

// While files are dragged over the page, show where they can be dropped; elsewhere dropping does nothing.
/** @param {HTMLElement} within */
export function watchDrags(within) {
  const files = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
  const over = () => within.classList.remove("dragging");
  document.addEventListener("dragenter", (event) => { if (files(event)) within.classList.add("dragging"); });
  document.addEventListener("dragover", (event) => { if (files(event)) event.preventDefault(); });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) over(); });
  document.addEventListener("drop", (event) => { if (files(event)) event.preventDefault(); over(); });
  document.addEventListener("dropped", over);
}
