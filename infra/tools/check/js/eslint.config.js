// The rules for the pages' scripts. Run by `make lint-js`.
import js from "@eslint/js";

export default [
  {
    files: ["**/*.js"],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: { ecmaVersion: 2024, sourceType: "module" },
    rules: {
      ...js.configs.recommended.rules,
      "no-undef": "off",  // TypeScript finds names that there are not, and knows those of browsers
      eqeqeq: "error", "no-var": "error", "prefer-const": ["error", { destructuring: "all" }],
    },
  },
];
