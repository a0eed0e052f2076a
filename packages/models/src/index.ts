/** The only inference code of the house: catalogue, downloads, embedder, generator, and the drivers of remote servers. */
export { CATALOGUE, findModel, type CatalogueEntry, type EmbedderEntry, type GeneratorEntry } from "./catalogue.ts";
export {
  detectChatTemplate,
  renderChat,
  tokenizePrompt,
  type ChatTemplate,
  type PromptPart,
  type PromptTokenizer,
} from "./chat-template.ts";
export { findInstalled, pullModel, type DownloadOptions, type SourceKind } from "./download.ts";
export { openEmbedder, type EmbedderOptions } from "./embedder.ts";
export { openGenerator, type GeneratorOptions } from "./generator.ts";
export { findDamage, type InstalledModel } from "./installed.ts";
export { defaultModelsFolder, openModels, type ModelRegistry, type ModelsOptions } from "./open-models.ts";
export { openaiEmbedder } from "./openai-embedder.ts";
export { openaiGenerator } from "./openai-generator.ts";
export { parseOpenaiName, type OpenaiOptions } from "./openai-request.ts";
export { hubOptions, type HubOptions } from "./sources/hub.ts";
