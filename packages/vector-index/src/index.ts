export * from "./open-vector-index.ts";
