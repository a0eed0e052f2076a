/** What the use cases and jobs of the closed loop are made of. */
import type {
  AdapterId,
  Clock,
  CollectionId,
  DatasetId,
  EvaluationId,
  ExampleId,
  FineTuneId,
  GenerationId,
} from "@lorekeep/core";
import type { AnswerDeps } from "@lorekeep/rag";
import type { Assistant, Platform } from "../platform.ts";
import type { TuneRuns } from "./tune-runs.ts";
import type { Trainer } from "./trainer.ts";

export interface AdaptationParts extends Pick<
  Platform,
  "config" | "store" | "queue" | "models" | "index" | "library" | "logger" | "version"
> {
  readonly clock: Clock;
  /** The read path's ports: examples get the passages that serving would retrieve. */
  readonly answer: AnswerDeps;
  /** The number of a generation's last change: as long as it stays, the index is the same. */
  readonly lastChange: (id: GenerationId) => Promise<number>;
  readonly assistant: Assistant;
  readonly trainer: Trainer;
  readonly runs: TuneRuns;
  /** adapters/ of the data folder: files whose paths never get another content. */
  readonly adaptersFolder: string;
  /** fine-tunes/ of the data folder: one folder for each run that has not ended. */
  readonly fineTunesFolder: string;
  readonly temporaryFolder: string;
}

/**
 * Wire shapes carry ids without their brand. The rows were made by the store from ids of this kind, so the brand may be put
 * on again.
 */
export const datasetIdOf = ({ id }: { id: string }): DatasetId => id as DatasetId;
export const exampleIdOf = ({ id }: { id: string }): ExampleId => id as ExampleId;
export const fineTuneIdOf = ({ id }: { id: string }): FineTuneId => id as FineTuneId;
export const adapterIdOf = ({ id }: { id: string }): AdapterId => id as AdapterId;
export const evaluationIdOf = ({ id }: { id: string }): EvaluationId => id as EvaluationId;
export const collectionIdOf = ({ collectionId }: { collectionId: string }): CollectionId =>
  collectionId as CollectionId;
