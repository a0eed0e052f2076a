export * from "./api/index.ts";
export * from "./config.ts";
export * from "./domain.ts";
export * from "./errors.ts";
export * from "./filter.ts";
export * from "./ids.ts";
export * from "./lines-of-bytes.ts";
export * from "./ports/index.ts";
