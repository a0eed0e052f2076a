/** What `lorekeep tune` needs of the house; through the server (server-tuning.ts) or in this process (local-tuning.ts). */
import type {
  ActivateAdapterRequest,
  Adapter,
  AdapterChange,
  AdapterFileFormat,
  CreateFineTuneRequest,
  Dataset,
  DatasetExportFormat,
  DraftExamplesRequest,
  FineTune,
  FineTuneEstimate,
  TrainOnFeedbackRequest,
} from "@lorekeep/core";
import type { JobState } from "./job-state.ts";

export interface Tuning {
  /** A file of JSON lines. */
  importDataset(file: { path: string; name: string; collection: string | undefined }): Promise<Dataset>;
  createDataset(request: { name: string; collection?: string }): Promise<Dataset>;
  dataset(id: string): Promise<Dataset>;
  datasets(): Promise<readonly Dataset[]>;
  draft(datasetId: string, request: DraftExamplesRequest): Promise<JobState>;
  exportDataset(id: string, format: DatasetExportFormat): Promise<Uint8Array>;

  estimate(request: CreateFineTuneRequest): Promise<FineTuneEstimate>;
  start(request: CreateFineTuneRequest): Promise<FineTune>;
  /** What people said about a collection's answers goes into its dataset, and that is trained on. */
  startFromFeedback(request: TrainOnFeedbackRequest): Promise<FineTune>;
  fineTune(id: string): Promise<FineTune>;
  /** The newest hundred. */
  fineTunes(): Promise<readonly FineTune[]>;
  pause(id: string): Promise<FineTune>;
  resume(id: string): Promise<FineTune>;
  cancel(id: string): Promise<FineTune>;

  /** The newest hundred. */
  adapters(): Promise<readonly Adapter[]>;
  activate(id: string, request: ActivateAdapterRequest): Promise<Adapter>;
  deactivate(id: string, collections: string[] | undefined): Promise<Adapter>;
  rollback(collection: string | undefined): Promise<AdapterChange>;
  exportAdapter(id: string, format: AdapterFileFormat): Promise<Uint8Array>;
  importAdapter(file: { path: string; name: string }): Promise<Adapter>;
}
