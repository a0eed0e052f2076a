export type { ChunkOptions } from "./chunk-options.ts";
export { chunkDocument } from "./chunk.ts";
export { contentHashOf, contextOf, embeddedText } from "./embedded-text.ts";
export { detectLanguage } from "./language.ts";
export { openParserPool, type ParserPoolOptions } from "./parser-pool.ts";
export { parseDocument, type ParseOptions } from "./parse/index.ts";
export { readCsvRows } from "./parse/csv.ts";
export { chunkPrepared, type PreparedChunk } from "./prepared.ts";
export { splitSentences } from "./sentences.ts";
