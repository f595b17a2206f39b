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

export function sanitize(html) {
  const found = document.importNode(DOMPurify.sanitize(html, CLEAN), true);
  for (const each of found.querySelectorAll("img")) if (!UPLOADED.test(each.getAttribute("src") ?? "")) each.remove();
  return found;
}

// `changed` is called after every change, `showStatus` with what goes on or went wrong, `attach` with dropped files that are not images.
/**
 * @param {any} box an element with the parts of an editor
 * @param {{changed: () => void, showStatus: (words: string, urgent?: boolean) => void, attach?: (files: File[]) => void}} uses
 */
export function edit(box, { changed, showStatus, attach = () => {} }) {
  const words = JSON.parse(box.dataset.words);
  const textarea = box.querySelector("textarea");
  const root = box.querySelector(".editor");
  const bar = box.querySelector(".toolbar");
  const fileInput = box.querySelector("input[type=file]");
  root.hidden = bar.hidden = false;
  textarea.closest("label").hidden = true;

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

  const inside = (tag) => editor.hasFormat(tag);
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
  const tags = { bold: "b", italic: "i", underline: "u", unordered: "ul", ordered: "ol", quote: "blockquote", link: "a" };
  const buttons = [...bar.querySelectorAll("[data-do]")];
  const show = () => buttons.forEach((button) => {
    const tag = tags[button.dataset.do];
    if (tag) button.setAttribute("aria-pressed", String(inside(tag)));
  });
  show();
  editor.addEventListener("pathChange", show);
  editor.addEventListener("select", show);
  buttons.forEach((button, place) => {
    button.tabIndex = place ? -1 : 0;
    button.addEventListener("mousedown", (event) => event.preventDefault());  // the selection stays where it is
    button.addEventListener("click", async () => {
      await acts[button.dataset.do]();
      if (!["link", "image"].includes(button.dataset.do)) editor.focus();
      show();
    });
  });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const to = event.key === "Home" ? 0 : event.key === "End" ? buttons.length - 1
      : step && (buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length;
    if (to === undefined) return;
    event.preventDefault();
    buttons.forEach((button, place) => { button.tabIndex = place === to ? 0 : -1; });
    buttons[to].focus();
  });

  // Links

  const linkAt = (range) => {
    const node = range.commonAncestorContainer;
    const inside = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest("#editor a");
    const bare = (text) => text.replaceAll("\u200B", "");  // the editor inserts it for the caret
    return inside ?? [...root.querySelectorAll("a")].find((one) => (
      range.intersectsNode(one) && bare(one.textContent) === bare(range.toString()))) ?? null;
  };
  async function link(first = "address") {
    const range = editor.getSelection();
    const anchor = linkAt(range);
    if (anchor) range.selectNode(anchor);
    const before = anchor ? anchor.textContent : editor.getSelectedText(range);
    const dialog = /** @type {HTMLElement} */ (document.getElementById("link-dialog"));
    /** @type {HTMLElement} */ (dialog.querySelector("[data-answer=remove]")).hidden = !anchor;
    const answer = await ask(dialog,
      { address: anchor?.getAttribute("href") ?? "", text: before }, ({ address }) => (
        addressOf(address) ? null : ["address", words.badAddress]), first);
    editor.focus();
    editor.setSelection(range);
    if (!answer) return;
    if (answer.by === "remove") { unlink(); return; }
    const href = addressOf(answer.address);
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

  const declined = new Set();  // addresses whose link was removed
  const links = linker(editor.linkRegExp, declined);
  const decline = () => { links.tidy(root); links.bare(root).forEach((address) => declined.add(address)); };
  decline();
  function caretIn({ endContainer: node, endOffset: offset }) {  // in the text node before it, because that node moves
    const before = node.nodeType === Node.TEXT_NODE ? null : node.childNodes[offset - 1];
    return before?.nodeType === Node.TEXT_NODE ? { node: before, offset: before.length } : { node, offset };
  }
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
    const { startContainer: node, startOffset: end, collapsed } = editor.getSelection();
    if (!collapsed || node.nodeType !== Node.TEXT_NODE || node.parentElement.closest("a")) return;
    const word = node.data.slice(0, end).match(/(\S+)\s$/)?.[1];
    if (word && editor.linkRegExp.test(word)) linkAll();
  }
  root.addEventListener("input", (event) => { if (/^\s$/.test(event.data ?? "")) linkTyped(); });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) setTimeout(linkAll, 0);
    if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) setTimeout(decline, 0);
  });
  root.addEventListener("blur", () => setTimeout(() => {
    if (!box.contains(document.activeElement) && !document.querySelector("dialog[open]")) linkAll();
  }, 0));
  editor.addEventListener("willPaste", ({ detail }) => {
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
  function linkAddress(address) {
    declined.delete(address);
    linkAll({ wanted: (found) => found.address === address || found.address.startsWith(address) });
  }
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

  editor.setKeyHandler("Ctrl-k", (_, event) => { event.preventDefault(); link(); });
  editor.setKeyHandler("Meta-k", (_, event) => { event.preventDefault(); link(); });

  // Images

  const dialog = /** @type {HTMLElement} */ (document.getElementById("image-dialog"));
  const controls = /** @type {any} */ (/** @type {HTMLFormElement} */ (dialog.querySelector("form")).elements);  // words or decoration: the later choice counts
  controls.alt.addEventListener("input", () => { controls.decoration.checked = false; });
  controls.decoration.addEventListener("change", () => { if (controls.decoration.checked) controls.alt.value = ""; });
  const describe = (src, alt, decoration) => {
    /** @type {HTMLElement} */ (dialog.querySelector("[data-look]")).replaceChildren(Object.assign(new Image(), { src, alt: "" }));
    return ask(dialog, { alt, decoration }, (given) => (
      given.alt.trim() || given.decoration ? null : ["alt", words.noAlt]));
  };
  const altOf = (answer) => answer.alt.trim();
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
    if (!event.target.matches("img")) return;
    const range = document.createRange();
    range.selectNode(event.target);
    editor.setSelection(range);
  });
  root.addEventListener("dblclick", (event) => { if (event.target.matches("img")) redescribe(event.target); });

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
  const insertAll = async (files) => { for (const file of files) await insert(file); };
  fileInput.addEventListener("change", async () => { await insertAll([...fileInput.files]); fileInput.value = ""; });
  editor.addEventListener("pasteImage", (event) => {
    const items = [...event.detail.clipboardData.items].filter((each) => each.kind === "file");
    insertAll(items.map((each) => each.getAsFile()).filter((file) => file?.type.startsWith("image/")));
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
    fill: (html) => { editor.setHTML(html); sync(); lastHtml = textarea.value; },
    focus: () => editor.focus(),
  };
}

// While files are dragged over the page, show where they can be dropped; elsewhere dropping does nothing.
export function watchDrags(within) {
  const files = (event) => event.dataTransfer?.types.includes("Files");
  const over = () => within.classList.remove("dragging");
  document.addEventListener("dragenter", (event) => { if (files(event)) within.classList.add("dragging"); });
  document.addEventListener("dragover", (event) => { if (files(event)) event.preventDefault(); });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) over(); });
  document.addEventListener("drop", (event) => { if (files(event)) event.preventDefault(); over(); });
  document.addEventListener("dropped", over);
}
