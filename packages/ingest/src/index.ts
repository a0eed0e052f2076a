export { chunkDocument, type ChunkOptions } from "./chunk.ts";
export { contentHashOf, embeddedText } from "./embedded-text.ts";
export { detectLanguage } from "./language.ts";
export { openParserPool, type ParserPoolOptions } from "./parser-pool.ts";
export { parseDocument, type ParseOptions } from "./parse/index.ts";
export { chunkPrepared, type PreparedChunk } from "./prepared.ts";
export { splitSentences } from "./sentences.ts";
