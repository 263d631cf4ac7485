import tseslint from "typescript-eslint";

/** Every rule that is not a preset's default stands here with its reason. */
export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "python/"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // Output belongs to pino in the daemon and to the render room in the client.
      "no-console": "error",
      // A file that grows past this is two ideas.
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      // An open point is an issue in the tracker, never a comment.
      "no-warning-comments": ["error", { terms: ["todo", "fixme", "xxx", "hack"] }],
      // A switch over a union must name every member, so a new state is a compile error.
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Numbers in messages are what our messages are made of.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Type imports must vanish at run time: Node strips types and would load the module otherwise.
      "@typescript-eslint/consistent-type-imports": "error",
      // The architecture test orders rooms; no shell ever starts in the daemon (security rule 4).
      "no-restricted-imports": [
        "error",
        {
          paths: [
            {
              name: "node:child_process",
              importNames: ["exec", "execSync"],
              message: "argv arrays only: no shell is ever started",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["test/**"],
    rules: {
      // A describe block is a list of cases, not a function to be read top to bottom.
      "max-lines-per-function": "off",
      "max-lines": ["error", { max: 500, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    // Programs that people run by hand speak on the console.
    files: ["test/bench/**", "test/guest/**", "test/demo/**", "packaging/**"],
    rules: { "no-console": "off" },
  },
  { files: ["**/*.js"], extends: [tseslint.configs.disableTypeChecked] },
);
