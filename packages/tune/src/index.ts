export {};
export { openGguf, type GgufFile } from "./gguf/reader.ts";
export type { GgufHeader, GgufTensor, GgufValue } from "./gguf/header.ts";
export { dequantize } from "./gguf/dequantize.ts";
export {
  LINEAR_NAMES,
  linearShapes,
  llamaConfigOf,
  tokenizerFactsOf,
  type LinearName,
  type LlamaConfig,
  type TokenizerFacts,
} from "./gguf/llama-config.ts";
export { prepareWeights, type PreparedTensor, type PreparedWeights, type PrepareProgress } from "./prepare-weights.ts";
