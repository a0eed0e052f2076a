// Typed rules for the whole house. Prettier owns the layout; this file owns what can go wrong.
import js from "@eslint/js";
import globals from "globals";
import hooks from "eslint-plugin-react-hooks";
import ts from "typescript-eslint";

export default ts.config(
  {
    ignores: ["**/node_modules/", "**/dist/", "**/out/", "**/.turbo/", "data/", "**/coverage/", "fixtures/documents/"],
  },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [ts.configs.recommendedTypeChecked, ts.configs.strict],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-restricted-syntax": ["error", { selector: "ExportDefaultDeclaration", message: "Named exports only." }],
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      complexity: ["error", 20],
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-console": "error",
    },
  },
  {
    files: ["**/*.test.{ts,tsx}", "e2e/**", "bench/**", "**/testing/**", "scripts/**", "fixtures/**"],
    rules: {
      "no-console": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/unbound-method": "off",
      complexity: "off",
    },
  },
  {
    files: ["apps/web/src/**"],
    plugins: { "react-hooks": hooks },
    rules: { ...hooks.configs.recommended.rules },
    languageOptions: { globals: globals.browser },
  },
  { files: ["**/*.config.ts", "**/*.config.mjs"], rules: { "no-restricted-syntax": "off" } },
  { files: ["**/*.{mjs,cjs,js}"], languageOptions: { globals: globals.node }, rules: { "no-console": "off" } },
);
