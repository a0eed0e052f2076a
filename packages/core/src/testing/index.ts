/** Fakes and contract suites, for tests only. Each fake stands behind a contract suite that the real driver passes too. */
export * from "./wait-until.ts";
export * from "./manual-clock.ts";
export * from "./memory-job-rows.ts";
export * from "./queue-contract.ts";
export * from "./recording-logger.ts";
export * from "./memory-vector-source.ts";
export * from "./seeded-vectors.ts";
export * from "./vector-index-contract.ts";
export * from "./embedder-contract.ts";
export * from "./generator-contract.ts";
export * from "./generator-adapter-contract.ts";
export * from "./overlap-reader.ts";
export * from "./reader-contract.ts";
export * from "./hash-embedder.ts";
export * from "./scripted-generator.ts";
export * from "./blobs-contract.ts";
