/** The only inference code of the house: catalogue, downloads, embedder, generator, and the drivers of remote servers. */
export {
  CATALOGUE,
  findModel,
  type CatalogueEntry,
  type EmbedderEntry,
  type GeneratorEntry,
  type ReaderEntry,
} from "./catalogue.ts";
export { answerIds, openChatTokenizer, promptIds, type ChatTokenizer, type ChatVocabulary } from "./chat-tokenizer.ts";
export { evaluateLogits, type EvaluateLogitsRequest } from "./evaluate-logits.ts";
export {
  detectChatTemplate,
  endOfTurn,
  renderChat,
  tokenizePrompt,
  type ChatTemplate,
  type PromptPart,
  type PromptTokenizer,
} from "./chat-template.ts";
export { readE5Weights, readE5WordRows, type E5Weights } from "./convert/e5-weights.ts";
export type { E5Shape } from "./convert/e5-file.ts";
export { findInstalled, pullModel, type DownloadOptions, type SourceKind } from "./download.ts";
export { openEmbedder, type EmbedderOptions } from "./embedder.ts";
export { openGenerator, type GeneratorOptions } from "./generator.ts";
export { findDamage, type InstalledModel } from "./installed.ts";
export { defaultModelsFolder, openModels, type ModelRegistry, type ModelsOptions } from "./open-models.ts";
export { openaiEmbedder } from "./openai-embedder.ts";
export { openaiGenerator } from "./openai-generator.ts";
export type { ReaderState } from "./shipped-reader.ts";
export { parseOpenaiName, type OpenaiOptions } from "./openai-request.ts";
export {
  openPairTokenizer,
  READER_MAX_TOKENS,
  READER_OVERLAP_TOKENS,
  tokensOfSpan,
  type PairOptions,
  type PairTokenizer,
  type PairWindow,
} from "./pair-tokenizer.ts";
export { mergeReader, type MergedReader, type MergeRequest } from "./merge-reader.ts";
export { openReader, type ReaderOptions } from "./reader.ts";
export { encodeReaderFile, parseReaderFile, READER_LINEARS, type ReaderFile } from "./reader-file.ts";
export { hubOptions, type HubOptions } from "./sources/hub.ts";
