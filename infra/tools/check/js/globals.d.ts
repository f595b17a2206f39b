// What the pages' scripts find beside the browser's own: libraries that a page loads before them, and HTML wherever they look.

declare const htmx: any;
declare const DOMPurify: any;
declare const Squire: any;

// No script of ours looks for anything but elements of HTML: what a selector finds has `dataset`, `hidden` and `focus`.
interface ParentNode {
  querySelector<K extends keyof HTMLElementTagNameMap>(selectors: K): HTMLElementTagNameMap[K] | null;
  querySelector<E extends HTMLElement = HTMLElement>(selectors: string): E | null;
  querySelectorAll<K extends keyof HTMLElementTagNameMap>(selectors: K): NodeListOf<HTMLElementTagNameMap[K]>;
  querySelectorAll<E extends HTMLElement = HTMLElement>(selectors: string): NodeListOf<E>;
}
interface Element {
  closest<K extends keyof HTMLElementTagNameMap>(selector: K): HTMLElementTagNameMap[K] | null;
  closest<E extends HTMLElement = HTMLElement>(selectors: string): E | null;
}

// htmx's own events, as far as they are listened to.
interface HTMLElementEventMap {
  "htmx:responseError": CustomEvent;
  "htmx:beforeOnLoad": CustomEvent;
  "htmx:afterSwap": CustomEvent;
  "htmx:oobBeforeSwap": CustomEvent;
}

// The sentences that a page hands to its script, by name.
type Words = Record<string, string>;
// Is called with the bytes sent so far.
type Progress = (bytes: number) => void;
// A place in a text, which moves when the text is changed before it.
type Caret = { node: Node; offset: number };
// An address in a text, and where it begins.
type Found = { address: string; start: number };
// What a dialog's form holds when it is sent, and the button that ended it, if it has a name.
type Answer<V> = { [name in keyof V]: string } & { by?: string };
