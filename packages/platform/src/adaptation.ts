/**
 * The closed loop as use cases: what the API and the CLI call. Datasets grow from files, feedback and documents; a
 * fine-tune is a job; its adapter passes a gate before it answers; evaluations say what changed.
 */
import type {
  ActivateAdapterRequest,
  Adapter,
  AdapterHistory,
  AdapterId,
  AutoTrain,
  AutoTrainState,
  CompareRequest,
  CompareResponse,
  CreateDatasetRequest,
  CreateEvaluationRequest,
  CreateFineTuneRequest,
  Dataset,
  DatasetId,
  DraftExamplesRequest,
  Evaluation,
  EvaluationComparison,
  EvaluationDetail,
  EvaluationId,
  Example,
  ExampleFilter,
  ExampleId,
  FineTune,
  FineTuneEstimate,
  FineTuneId,
  Job,
  Page,
  PageQuery,
  PatchExampleRequest,
  ReviewExamplesRequest,
  TrainOnFeedbackRequest,
  PromptList,
} from "@lorekeep/core";
import type { Actor } from "./actor.ts";
import type { QuestionSets } from "./question-sets.ts";

/** Every method demands scope `admin` of the actor's. Names or ids are taken where a `string` stands for a thing. */
export interface Adaptation extends QuestionSets {
  createDataset(actor: Actor, request: CreateDatasetRequest): Promise<Dataset>;
  /** Lines of JSON in the form of `newExampleSchema` (SQuAD-like `answers` too); a bad line is an error that names it. */
  importDataset(
    actor: Actor,
    request: { name: string; collection?: string | undefined; lines: AsyncIterable<string> },
  ): Promise<Dataset>;
  dataset(actor: Actor, id: DatasetId): Promise<Dataset>;
  datasets(actor: Actor, query: PageQuery): Promise<Page<Dataset>>;
  deleteDataset(actor: Actor, id: DatasetId): Promise<void>;
  /** A job of kind `draft-examples`. */
  draftExamples(actor: Actor, id: DatasetId, request: DraftExamplesRequest): Promise<Job>;
  examples(actor: Actor, id: DatasetId, filter: ExampleFilter, query: PageQuery): Promise<Page<Example>>;
  updateExample(actor: Actor, id: ExampleId, changes: PatchExampleRequest): Promise<Example>;
  reviewExamples(actor: Actor, id: DatasetId, request: ReviewExamplesRequest): Promise<{ changed: number }>;
  deleteExample(actor: Actor, id: ExampleId): Promise<void>;
  /** Files for an existing trainer: the dataset as chat JSONL, and its recipe for PEFT, LLaMA-Factory and Unsloth. */
  exportDataset(
    actor: Actor,
    id: DatasetId,
    format: "jsonl" | "peft" | "llama-factory" | "unsloth",
  ): Promise<{ name: string; mediaType: string; bytes: Uint8Array }>;

  estimate(actor: Actor, request: CreateFineTuneRequest): Promise<FineTuneEstimate>;
  startFineTune(actor: Actor, request: CreateFineTuneRequest): Promise<FineTune>;
  fineTune(actor: Actor, id: FineTuneId): Promise<FineTune>;
  fineTunes(actor: Actor, query: PageQuery): Promise<Page<FineTune>>;
  /** Resolves at the next change; the SSE route repeats it. */
  watchFineTune(actor: Actor, id: FineTuneId, signal: AbortSignal): AsyncIterable<FineTune>;
  cancelFineTune(actor: Actor, id: FineTuneId): Promise<FineTune>;
  pauseFineTune(actor: Actor, id: FineTuneId): Promise<FineTune>;
  resumeFineTune(actor: Actor, id: FineTuneId): Promise<FineTune>;

  autoTrain(actor: Actor): Promise<AutoTrainState>;
  putAutoTrain(actor: Actor, setting: AutoTrain): Promise<AutoTrainState>;
  /** Takes new ratings and corrections into a dataset, and trains. Throws request_invalid when too few are held out to judge by. */
  trainOnFeedback(actor: Actor, request: TrainOnFeedbackRequest): Promise<FineTune>;

  adapters(actor: Actor, query: PageQuery): Promise<Page<Adapter>>;
  adapter(actor: Actor, id: AdapterId): Promise<Adapter>;
  activateAdapter(actor: Actor, id: AdapterId, request: ActivateAdapterRequest): Promise<Adapter>;
  deactivateAdapter(actor: Actor, id: AdapterId, collections: readonly string[] | undefined): Promise<Adapter>;
  /** Puts back what answered before the last change of this collection ("*" = everywhere). */
  rollbackAdapter(actor: Actor, collection: string | undefined): Promise<AdapterHistory["items"][number]>;
  adapterHistory(actor: Actor): Promise<AdapterHistory>;
  adapterFile(
    actor: Actor,
    id: AdapterId,
    format: "gguf" | "peft",
  ): Promise<{ name: string; mediaType: string; bytes: Uint8Array }>;
  importAdapter(actor: Actor, request: { name: string; bytes: AsyncIterable<Uint8Array> }): Promise<Adapter>;
  deleteAdapter(actor: Actor, id: AdapterId): Promise<void>;
  compareAnswers(actor: Actor, request: CompareRequest, signal?: AbortSignal): Promise<CompareResponse>;

  startEvaluation(actor: Actor, request: CreateEvaluationRequest): Promise<Evaluation>;
  evaluation(actor: Actor, id: EvaluationId): Promise<EvaluationDetail>;
  evaluations(actor: Actor, query: PageQuery): Promise<Page<Evaluation>>;
  cancelEvaluation(actor: Actor, id: EvaluationId): Promise<Evaluation>;
  deleteEvaluation(actor: Actor, id: EvaluationId): Promise<void>;
  compareEvaluations(actor: Actor, before: EvaluationId, after: EvaluationId): Promise<EvaluationComparison>;
  /** What the run tried begins to serve. Throws conflict for a run that tried nothing or has not succeeded. */
  switchOnEvaluation(actor: Actor, id: EvaluationId): Promise<Evaluation>;
  /** What the generator can be asked with; a collection chooses by `retrieval.prompt`. */
  prompts(actor: Actor): Promise<PromptList>;
}
