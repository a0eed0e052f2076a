export * from "./adaptation.ts";
export * from "./chat.ts";
export * from "./collections.ts";
export * from "./common.ts";
export * from "./documents.ts";
export * from "./openai.ts";
export * from "./operations.ts";
export * from "./search.ts";
