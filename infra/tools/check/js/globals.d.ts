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
