// The rules for the pages' scripts. Run by `make lint-js`.
import js from "@eslint/js";

const browser = Object.fromEntries(
  [
    "AbortController", "Blob", "CustomEvent", "DOMParser", "DOMPurify", "Element", "Event", "FormData", "Headers", "HTMLElement", "Image", "Intl",
    "MutationObserver",
    "Node", "NodeFilter", "Notification", "Squire", "URL", "URLSearchParams", "XMLHttpRequest", "addEventListener", "clearTimeout", "console", "crypto", "document",
    "fetch", "getSelection", "history", "htmx", "localStorage", "location", "matchMedia", "navigator", "performance", "requestAnimationFrame",
    "sessionStorage", "setInterval", "clearInterval", "setTimeout", "structuredClone", "window",
  ].map((name) => [name, "readonly"]),
);

export default [
  {
    files: ["**/*.js"],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: { ecmaVersion: 2024, sourceType: "module", globals: browser },
    rules: { ...js.configs.recommended.rules, eqeqeq: "error", "no-var": "error", "prefer-const": ["error", { destructuring: "all" }] },
  },
];
