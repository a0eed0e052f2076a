/** Fakes and contract suites, for tests only. Each fake stands behind a contract suite that the real driver passes too. */
export * from "./wait-until.ts";
