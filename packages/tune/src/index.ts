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
export {
  missingBytes,
  prepareWeights,
  preparedBytes,
  type PreparedTensor,
  type PreparedWeights,
  type PrepareProgress,
} from "./prepare-weights.ts";
export { prepareReader } from "./encoder/prepare-reader.ts";
export { readerParameters } from "./encoder/encoder-graph.ts";
export type { ReaderExample } from "./encoder/reader-task.ts";
export {
  fineTune,
  type FineTuned,
  type FineTuneOptions,
  type FineTunePhase,
  type FineTuneProgress,
  type FineTuneRooms,
  type TokenisedExamples,
} from "./fine-tune.ts";
export { estimateMemory, estimateSeconds, type TrainingLoad, type TrainingShape } from "./train/estimate-training.ts";
export {
  checkResources,
  chooseMemoryMode,
  freeMemoryBytes,
  type MemoryEstimates,
  type ResourceNeeds,
} from "./train/resources.ts";
export { train, type TrainOptions } from "./train/trainer.ts";
export { scoreExamples, type Score, type ScoreOptions } from "./train/score-examples.ts";
export { createTrainingControl, type TrainingControl } from "./train/brake.ts";
export { removeCheckpoints, type LossPoint } from "./train/checkpoint.ts";
export type { LaneCount } from "./train/choose-lanes.ts";
export { planSteps, type PlannedStep } from "./train/batches.ts";
export { gaussian, seededRandom, shuffled } from "./train/random.ts";
export type { Recipe } from "./train/recipe.ts";
export type { MemoryMode } from "./train/step-session.ts";
export type { StepProgress, TrainingProgress, ValidationProgress } from "./train/train-loop.ts";
export type { TrainingResult } from "./train/train-messages.ts";
export type { BatchFeeds, Feed, ParameterSpec, TrainingGraphFiles, TrainingTask } from "./train/training-task.ts";
export { checkAdapter, type Adapter, type AdapterTensor } from "./export/adapter.ts";
export { readGgufAdapter, writeGgufAdapter, type GgufAdapterContent } from "./export/gguf-adapter.ts";
export { importAdapter, type AdapterFormat, type ImportedAdapter } from "./export/import-adapter.ts";
export { peftFiles, readPeft, writePeftZip, type PeftContent } from "./export/peft.ts";
export { encodeZip } from "./export/zip.ts";
export { writeRawAdapter } from "./export/raw-adapter.ts";
export {
  estimateTraining,
  trainingShapeOf,
  type EstimateRequest,
  type TrainingEstimate,
} from "./scale-out/estimate-run.ts";
export { exportRecipe, type RecipeBase, type RecipeDataset, type RecipeExample } from "./scale-out/export-recipe.ts";
export {
  llamaTask,
  prepareLlama,
  type LlamaExamples,
  type LlamaTask,
  type PreparedLlama,
  type PrepareLlamaRequest,
} from "./llama/prepare-llama.ts";
export { llamaParameters, llamaTrainingGraph, type LlamaTrainingOptions } from "./llama/llama-graph.ts";
export type { AnswerExample } from "./llama/sequence-feeds.ts";
export type { GroupedAnswerExample } from "./llama/answer-task.ts";
export type { PreferencePair } from "./llama/preference-task.ts";
