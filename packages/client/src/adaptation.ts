/** The closed loop over HTTP: datasets, fine-tunes, adapters, evaluations. One part of `createClient`. */
import {
  adapterChangeSchema,
  adapterHistorySchema,
  adapterListSchema,
  adapterSchema,
  autoTrainStateSchema,
  compareResponseSchema,
  datasetListSchema,
  datasetSchema,
  evaluationComparisonSchema,
  evaluationDetailSchema,
  evaluationListSchema,
  evaluationSchema,
  exampleListSchema,
  exampleSchema,
  fineTuneEstimateSchema,
  fineTuneEventSchema,
  fineTuneListSchema,
  fineTuneSchema,
  jobSchema,
  reviewedExamplesSchema,
} from "@lorekeep/core";
import type {
  ActivateAdapterRequest,
  AdapterFileFormat,
  AutoTrain,
  CompareRequest,
  CreateDatasetRequest,
  CreateEvaluationRequest,
  CreateFineTuneRequest,
  DatasetExportFormat,
  DeactivateAdapterRequest,
  DraftExamplesRequest,
  Example,
  FineTuneEvent,
  PatchExampleRequest,
  ReviewExamplesRequest,
  RollbackAdapterRequest,
  TrainOnFeedbackRequest,
} from "@lorekeep/core";
import { questionSets } from "./question-sets.ts";
import { readEvents } from "./sse.ts";
import type { Transport } from "./transport.ts";

const API = "/api/v1";
const at = (id: string) => encodeURIComponent(id);
const STREAM = { accept: "text/event-stream" };
const BYTES = { accept: "*/*" };

interface PageRequest {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}
interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

export interface ExampleQuery extends PageRequest {
  readonly status?: Example["status"] | undefined;
  readonly source?: Example["source"] | undefined;
  readonly problem?: Example["problems"][number] | undefined;
  readonly query?: string | undefined;
}

/** `blob` may be a browser's File, or Node's `await openAsBlob(path)`. */
export interface FileWithFields {
  readonly fileName: string;
  readonly blob: Blob;
  /** Absent = made of the file's name. */
  readonly name?: string | undefined;
  readonly collection?: string | undefined;
}

function formOf({ fileName, blob, ...fields }: FileWithFields): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.append(name, value);
  form.append("file", blob, fileName);
  return form;
}

async function done(response: Promise<Response>): Promise<void> {
  await (await response).arrayBuffer();
}

export function adaptationResources(http: Transport) {
  return {
    datasets: datasets(http),
    examples: examples(http),
    fineTunes: fineTunes(http),
    adapters: adapters(http),
    evaluations: evaluations(http),
    questionSets: questionSets(http),
  };
}

function datasets(http: Transport) {
  const path = (id: string, rest = "") => `${API}/datasets/${at(id)}${rest}`;
  return {
    list: (query: PageRequest = {}, o?: Abortable) =>
      http.json(datasetListSchema, "GET", `${API}/datasets`, { query: { ...query }, ...o }),
    get: (id: string, o?: Abortable) => http.json(datasetSchema, "GET", path(id), o),
    create: (request: CreateDatasetRequest, o?: Abortable) =>
      http.json(datasetSchema, "POST", `${API}/datasets`, { json: request, ...o }),
    /** A file of JSON lines. */
    upload: (file: FileWithFields, o?: Abortable) =>
      http.json(datasetSchema, "POST", `${API}/datasets`, { body: formOf(file), ...o }),
    delete: (id: string) => done(http.send("DELETE", path(id))),
    /** The answer is a job. */
    draft: (id: string, request: DraftExamplesRequest) =>
      http.json(jobSchema, "POST", path(id, ":draft"), { json: request }),
    examples: (id: string, query: ExampleQuery = {}, o?: Abortable) =>
      http.json(exampleListSchema, "GET", path(id, "/examples"), { query: { ...query }, ...o }),
    /** Approves or rejects many examples at once. */
    review: (id: string, request: ReviewExamplesRequest) =>
      http.json(reviewedExamplesSchema, "POST", path(id, "/examples:review"), { json: request }),
    export: (id: string, format: DatasetExportFormat = "jsonl", o?: Abortable) =>
      http.send("GET", path(id, "/export"), { query: { format }, headers: BYTES, ...o }),
    exportUrl: (id: string, format: DatasetExportFormat = "jsonl") => http.url(path(id, "/export"), { format }),
  };
}

function examples(http: Transport) {
  return {
    update: (id: string, changes: PatchExampleRequest) =>
      http.json(exampleSchema, "PATCH", `${API}/examples/${at(id)}`, { json: changes }),
    delete: (id: string) => done(http.send("DELETE", `${API}/examples/${at(id)}`)),
  };
}

function fineTunes(http: Transport) {
  const path = (id: string, rest = "") => `${API}/fine-tunes/${at(id)}${rest}`;
  return {
    list: (query: PageRequest = {}, o?: Abortable) =>
      http.json(fineTuneListSchema, "GET", `${API}/fine-tunes`, { query: { ...query }, ...o }),
    get: (id: string, o?: Abortable) => http.json(fineTuneSchema, "GET", path(id), o),
    /** What it would take on the server's machine. */
    estimate: (request: CreateFineTuneRequest, o?: Abortable) =>
      http.json(fineTuneEstimateSchema, "POST", `${API}/fine-tunes:estimate`, { json: request, ...o }),
    start: (request: CreateFineTuneRequest) =>
      http.json(fineTuneSchema, "POST", `${API}/fine-tunes`, { json: request }),
    /** Takes new ratings and corrections into a dataset first. */
    fromFeedback: (request: TrainOnFeedbackRequest) =>
      http.json(fineTuneSchema, "POST", `${API}/fine-tunes:from-feedback`, { json: request }),
    /** Whether the nightly run trains by itself, and what people said that no training has seen. */
    automatic: (o?: Abortable) => http.json(autoTrainStateSchema, "GET", `${API}/schedules/training`, o),
    putAutomatic: (setting: AutoTrain) =>
      http.json(autoTrainStateSchema, "PUT", `${API}/schedules/training`, { json: setting }),
    cancel: (id: string) => http.json(fineTuneSchema, "POST", path(id, ":cancel")),
    pause: (id: string) => http.json(fineTuneSchema, "POST", path(id, ":pause")),
    resume: (id: string) => http.json(fineTuneSchema, "POST", path(id, ":resume")),
    /** The fine-tune each time it changes; ends when it has ended. */
    async *events(id: string, o?: Abortable): AsyncGenerator<FineTuneEvent, void> {
      const response = await http.send("GET", path(id, "/events"), { headers: STREAM, ...o });
      yield* readEvents(response, fineTuneEventSchema);
    },
  };
}

function adapters(http: Transport) {
  const path = (id: string, rest = "") => `${API}/adapters/${at(id)}${rest}`;
  return {
    list: (query: PageRequest = {}, o?: Abortable) =>
      http.json(adapterListSchema, "GET", `${API}/adapters`, { query: { ...query }, ...o }),
    get: (id: string, o?: Abortable) => http.json(adapterSchema, "GET", path(id), o),
    activate: (id: string, request: ActivateAdapterRequest = {}) =>
      http.json(adapterSchema, "POST", path(id, ":activate"), { json: request }),
    deactivate: (id: string, request: DeactivateAdapterRequest = {}) =>
      http.json(adapterSchema, "POST", path(id, ":deactivate"), { json: request }),
    /** Puts back what answered before the last switch. */
    rollback: (request: RollbackAdapterRequest = {}) =>
      http.json(adapterChangeSchema, "POST", `${API}/adapters:rollback`, { json: request }),
    history: (o?: Abortable) => http.json(adapterHistorySchema, "GET", `${API}/adapters:history`, o),
    file: (id: string, format: AdapterFileFormat = "gguf", o?: Abortable) =>
      http.send("GET", path(id, "/file"), { query: { format }, headers: BYTES, ...o }),
    fileUrl: (id: string, format: AdapterFileFormat = "gguf") => http.url(path(id, "/file"), { format }),
    /** GGUF, or a zip of PEFT's two files. */
    import: (file: Omit<FileWithFields, "collection">, o?: Abortable) =>
      http.json(adapterSchema, "POST", `${API}/adapters`, { body: formOf(file), ...o }),
    delete: (id: string) => done(http.send("DELETE", path(id))),
    /** One question in four ways: base, retrieval, adapter, both. */
    compare: (request: CompareRequest, o?: Abortable) =>
      http.json(compareResponseSchema, "POST", `${API}/adapters:compare`, { json: request, ...o }),
  };
}

function evaluations(http: Transport) {
  const path = (id: string, rest = "") => `${API}/evaluations/${at(id)}${rest}`;
  return {
    list: (query: PageRequest = {}, o?: Abortable) =>
      http.json(evaluationListSchema, "GET", `${API}/evaluations`, { query: { ...query }, ...o }),
    get: (id: string, o?: Abortable) => http.json(evaluationDetailSchema, "GET", path(id), o),
    start: (request: CreateEvaluationRequest) =>
      http.json(evaluationSchema, "POST", `${API}/evaluations`, { json: request }),
    cancel: (id: string) => http.json(evaluationSchema, "POST", path(id, ":cancel")),
    delete: (id: string) => done(http.send("DELETE", path(id))),
    /** What the run tried begins to serve. */
    switchOn: (id: string) => http.json(evaluationSchema, "POST", path(id, ":switch-on")),
    /** `id` is the earlier run, `later` the later one. */
    compare: (id: string, later: string, o?: Abortable) =>
      http.json(evaluationComparisonSchema, "GET", path(id, "/compare"), { query: { with: later }, ...o }),
  };
}
