/** Rows of the closed loop: datasets and their examples, fine-tunes, adapters and where they answer, evaluations. */
import type { Adapter, AdapterHistory, FineTune } from "../api/adaptation.ts";
import type { Dataset, Example } from "../api/datasets.ts";
import type { Evaluation, EvaluationDetail, EvaluationItem } from "../api/evaluations.ts";
import type { RetrievalSettings } from "../domain.ts";
import type { AdapterId, CollectionId, DatasetId, DocumentId, EvaluationId, ExampleId, FineTuneId } from "../ids.ts";
import type { Page, PageQuery } from "./page.ts";

export interface ExampleFilter {
  readonly status?: Example["status"] | undefined;
  readonly source?: Example["source"] | undefined;
  readonly problem?: Example["problems"][number] | undefined;
  readonly query?: string | undefined;
}

export type ExampleDraft = Omit<Example, "id" | "datasetId" | "createdAt">;

export interface Datasets {
  /** `purpose` absent = training. */
  create(dataset: { name: string; collectionId: CollectionId | null; purpose?: Dataset["purpose"] }): Promise<Dataset>;
  get(id: DatasetId): Promise<Dataset | null>;
  getByName(name: string): Promise<Dataset | null>;
  list(
    query: PageQuery & { purpose?: Dataset["purpose"]; collectionId?: CollectionId | undefined },
  ): Promise<Page<Dataset>>;
  rename(id: DatasetId, name: string): Promise<void>;
  delete(id: DatasetId): Promise<boolean>;
  /** In slices; an externalId that is there already is replaced. Returns how many are new. */
  addExamples(id: DatasetId, examples: readonly ExampleDraft[]): Promise<number>;
  examples(id: DatasetId, filter: ExampleFilter, query: PageQuery): Promise<Page<Example>>;
  /** All of these, in stable order; for cleaning and for training. */
  allExamples(id: DatasetId, filter: ExampleFilter): Promise<Example[]>;
  getExample(id: ExampleId): Promise<Example | null>;
  updateExample(id: ExampleId, changes: Partial<ExampleDraft>): Promise<Example>;
  /** Sets problems and splits of many at once, after cleaning. */
  markExamples(
    marks: readonly { id: ExampleId; problems: Example["problems"]; split: Example["split"] }[],
  ): Promise<void>;
  deleteExample(id: ExampleId): Promise<boolean>;
}

export type FineTuneChanges = Partial<
  Omit<FineTune, "id" | "datasetId" | "datasetName" | "loss" | "validationLoss" | "createdAt">
>;

export interface FineTunes {
  create(row: Pick<FineTune, "name" | "datasetId" | "base" | "recipe"> & { jobId: string | null }): Promise<FineTune>;
  /** Ids of the examples a run used, so that deletion can say "was in the training data of" (K6). */
  setExamples(id: FineTuneId, exampleIds: readonly ExampleId[], documentIds: readonly DocumentId[]): Promise<void>;
  get(id: FineTuneId): Promise<FineTune | null>;
  list(query: PageQuery): Promise<Page<FineTune>>;
  /** Throws not_found. */
  update(id: FineTuneId, changes: FineTuneChanges): Promise<FineTune>;
  /** Appends points (a step already there is replaced: a resumed run repeats a few). */
  addLoss(id: FineTuneId, series: "loss" | "validationLoss", points: FineTune["loss"]): Promise<void>;
}

export type NewAdapter = Omit<
  Adapter,
  "id" | "version" | "activeIn" | "deletedDocuments" | "deletedDocumentNames" | "createdAt"
> & {
  /** Relative to the data folder's adapters/; unique for ever. */
  readonly file: string;
};

export interface Adapters {
  /** `version` counts up by name. */
  create(adapter: NewAdapter): Promise<Adapter>;
  get(id: AdapterId): Promise<(Adapter & { file: string }) | null>;
  list(query: PageQuery): Promise<Page<Adapter>>;
  delete(id: AdapterId): Promise<boolean>;
  /** "*" answers for collections without one of their own. null switches off. Appends to the history. */
  activate(change: {
    collectionId: CollectionId | "*";
    adapterId: AdapterId | null;
    scale: number;
    actor: string;
  }): Promise<void>;
  /** What answers for this collection now: its own row, else "*"; null = the bare base. */
  activeFor(collectionId: CollectionId): Promise<{ adapter: Adapter & { file: string }; scale: number } | null>;
  /** Explicit choice at "*": undefined = never chosen (the built-in adapter may answer), null = switched off. */
  chosen(collectionId: CollectionId | "*"): Promise<{ adapterId: AdapterId | null; scale: number } | undefined>;
  /** Newest first. */
  history(limit: number): Promise<AdapterHistory["items"]>;
  /**
   * Puts back what was chosen before the last change of this collection, in one transaction; doing it twice undoes it. Choices
   * of adapters that have been deleted since are passed over. Null when nothing was ever changed.
   */
  rollback(change: {
    collectionId: CollectionId | "*";
    actor: string;
  }): Promise<AdapterHistory["items"][number] | null>;
}

export interface SwitchOn {
  readonly collectionId: CollectionId;
  readonly actor: string;
  readonly at: string;
  /** Only what changes. */
  readonly retrieval?: RetrievalSettings | undefined;
  /** null = the bare base. */
  readonly adapterId?: AdapterId | null | undefined;
  /** Its strength; absent: as trained. */
  readonly adapterScale?: number | undefined;
  /** A setting that says what is still to be done: an index is built outside of the transaction. */
  readonly pending?: { readonly name: string; readonly value: unknown } | undefined;
  /** Names of what was changed, for the audit. */
  readonly settings: readonly string[];
}

export interface Evaluations {
  create(
    row: Pick<Evaluation, "name" | "datasetId" | "collectionId" | "setting" | "candidate" | "baselineId"> & {
      jobId: string | null;
    },
  ): Promise<Evaluation>;
  get(id: EvaluationId): Promise<EvaluationDetail | null>;
  list(query: PageQuery): Promise<Page<Evaluation>>;
  update(
    id: EvaluationId,
    changes: Partial<
      Pick<Evaluation, "status" | "figures" | "error" | "endedAt" | "jobId" | "setting" | "switchedOnAt">
    >,
  ): Promise<Evaluation>;
  /**
   * What a run tried begins to serve, in one transaction with the note that it does and its lines of the audit: after a crash it
   * serves whole or not at all. Throws not_found, also when the collection is gone.
   */
  switchOn(id: EvaluationId, change: SwitchOn): Promise<Evaluation>;
  addItems(id: EvaluationId, items: readonly EvaluationItem[]): Promise<void>;
  delete(id: EvaluationId): Promise<boolean>;
}
