// @ts-check
// Makes links of addresses in a text: when they are typed or pasted, and when the text loses the focus or is sent.
import { addressOf } from "./dialogs.js";

// An address is shown without its scheme: mail clients warn if a link's text is a full address and the link leads elsewhere.
export const shownAs = (/** @type {string} */ address) => address.replace(/^https?:\/\//i, "").replace(/^([^/?#]+)\/$/, "$1");

const linkable = (/** @type {string} */ text) => (/^[^\s/]+@[^\s/]+$/.test(text) || !/^(?!https?:)[a-z][a-z0-9+.-]*:(?!\d)/i.test(text) ? addressOf(text) : null);

// `pattern` finds the first address in a text. Addresses in `declined` stay text, because a person removed their link.
/**
 * @param {RegExp} pattern
 * @param {Set<string>} declined
 */
export function linker(pattern, declined) {
  const texts = (/** @type {Node} */ root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT, (node) => (
      node.parentElement?.closest("a, pre, code") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
    /** @type {Text[]} */
    const found = [];
    while (walker.nextNode()) found.push(/** @type {Text} */ (walker.currentNode));
    return found;
  };

  /**
   * @param {string} text
   * @returns {Generator<Found>}
   */
  function* addresses(text) {
    for (let from = 0, match; (match = pattern.exec(text.slice(from)));) {
      yield { address: match[0], start: from + match.index };
      from += match.index + match[0].length;
    }
  }

  const next = (/** @type {string} */ text, /** @type {(found: Found) => boolean} */ wanted) => {
    for (const found of addresses(text)) if (linkable(found.address) && wanted(found)) return found;
    return null;
  };

  // Replace an address with a link; a caret in the address or after it is moved after the link.
  /**
   * @param {Text} node
   * @param {Found} found
   * @param {boolean} whole
   * @param {Caret | null} caret
   */
  function replace(node, { address, start }, whole, caret) {
    const link = document.createElement("a");
    link.href = addressOf(address) ?? "";
    link.textContent = whole ? address : shownAs(address);
    const rest = node.splitText(start);
    rest.deleteData(0, address.length);
    rest.before(link);
    if (caret?.node === node && caret.offset > start) {
      Object.assign(caret, { node: rest, offset: Math.max(0, caret.offset - start - address.length) });
    }
    return rest;
  }

  // Make links of all addresses under a node that are `wanted`, move a caret with them, and return how many.
  /**
   * @param {Node} root
   * @param {{whole?: boolean, wanted?: (found: Found) => boolean, caret?: Caret | null}} options
   */
  function all(root, { whole = false, wanted = ({ address }) => !declined.has(address), caret = null } = {}) {
    let made = 0;
    for (const first of texts(root)) {
      let node = first;
      for (let found; (found = next(node.data, wanted)); made += 1) node = replace(node, found, whole, caret);
    }
    return made;
  }

  // Join adjacent text nodes, and remove the characters that the editor inserts for the caret, so that addresses are whole.
  /** @param {Node} root */
  function tidy(root) {
    root.normalize();
    for (const node of texts(root)) {
      for (let at; /[^\u200B]/.test(node.data) && (at = node.data.indexOf("\u200B")) >= 0;) node.deleteData(at, 1);
    }
  }

  const bare = (/** @type {Node} */ root) => texts(root).flatMap((node) => [...addresses(node.data)].map(({ address }) => address));
  return { all, bare, tidy };
}
