/**
 * The whole house as one value: what `api`, `worker` and `cli` are given. `open-platform.ts` builds it; nothing else
 * sees more than one driver. Everything here is ports of `core`, or use cases composed of them.
 */
import type { Readable } from "node:stream";
import type {
  ChunkPreview,
  PreviewChunksRequest,
  Blobs,
  ChatEvent,
  Collection,
  CollectionId,
  Config,
  ConversationId,
  DocumentId,
  DocumentRecord,
  Embedder,
  Generator,
  ImportDocumentRequest,
  Job,
  Logger,
  Message,
  MessageId,
  Metadata,
  ModelStatus,
  OverviewResponse,
  Queue,
  Reader,
  ReindexReport,
  SampleResponse,
  Schedule,
  SearchFilter,
  SearchResponse,
  Store,
  VectorIndex,
} from "@lorekeep/core";
import type { SentenceAttribution } from "@lorekeep/rag";
import type { Actor } from "./actor.ts";
import type { Adaptation } from "./adaptation.ts";
import type { RefusalCurves } from "./refusal-curve/refusal-curve-view.ts";
export type { Actor } from "./actor.ts";

export interface UploadRequest {
  readonly collection: string | undefined;
  readonly name: string;
  readonly mediaType: string | null;
  readonly metadata: Metadata;
  readonly externalId?: string | undefined;
  readonly bytes: Readable;
  readonly signal?: AbortSignal | undefined;
}

export interface UploadOutcome {
  readonly document: DocumentRecord;
  /** Same bytes were there already: nothing is stored or embedded again. */
  readonly duplicate: boolean;
  /** An earlier document of this name or external id gets these bytes as its new version. */
  readonly replaced: boolean;
}

export interface SearchInput {
  readonly query: string;
  readonly collections?: readonly string[] | undefined;
  readonly limit: number;
  readonly mode: "hybrid" | "dense" | "lexical";
  readonly filter?: SearchFilter | undefined;
  readonly explain: boolean;
  /** Read the best passages once more beside the query; absent = no. */
  readonly rerank?: boolean | undefined;
}

export interface MoreInput {
  /** What the question was narrowed to; it is not stored with the answer. */
  readonly filter?: SearchFilter | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ChatInput {
  readonly conversationId?: string | undefined;
  readonly question: string;
  readonly collections?: readonly string[] | undefined;
  readonly filter?: SearchFilter | undefined;
  readonly regenerate: boolean;
  /** Adapter id; null = the bare base; absent = what is switched on for the collections. */
  readonly adapter?: string | null | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Library use cases: every `collection` is an id or a unique name; absent = the default collection, made on first use. */
export interface Library {
  resolveCollections(actor: Actor, names: readonly string[] | undefined): Promise<Collection[]>;
  createCollection(
    actor: Actor,
    request: {
      name: string;
      description?: string | undefined;
      language?: Collection["language"] | undefined;
      embedder?: string | undefined;
      chunking?: Partial<Collection["chunking"]> | undefined;
      retrieval?: Partial<Collection["retrieval"]> | undefined;
    },
  ): Promise<Collection>;
  /** A changed embedder or chunking enqueues `build-generation`. */
  updateCollection(
    actor: Actor,
    id: CollectionId,
    changes: {
      name?: string | undefined;
      description?: string | undefined;
      language?: Collection["language"] | undefined;
      embedder?: string | undefined;
      chunking?: Partial<Collection["chunking"]> | undefined;
      retrieval?: Partial<Collection["retrieval"]> | undefined;
    },
  ): Promise<Collection>;
  deleteCollection(actor: Actor, id: CollectionId): Promise<void>;
  /** Stream → blob → row → job; when this resolves, kill -9 loses nothing. */
  upload(actor: Actor, request: UploadRequest): Promise<UploadOutcome>;
  /** JSON form: text, pre-chunked text, or a URL. */
  importDocument(actor: Actor, request: ImportDocumentRequest): Promise<UploadOutcome>;
  getDocument(actor: Actor, id: DocumentId): Promise<DocumentRecord>;
  deleteDocument(actor: Actor, id: DocumentId): Promise<void>;
  reprocess(actor: Actor, id: DocumentId): Promise<DocumentRecord>;
  /** What a chunking would make of the document; nothing is stored. Throws not_found, request_invalid, blob_missing. */
  previewChunks(
    actor: Actor,
    id: DocumentId,
    request: PreviewChunksRequest,
    signal?: AbortSignal,
  ): Promise<ChunkPreview>;
  loadSample(actor: Actor): Promise<SampleResponse>;
}

export interface Assistant {
  search(actor: Actor, request: SearchInput): Promise<SearchResponse>;
  /** Persists the conversation as it goes; ends with `end` or `error`. Stopping: abort the signal, or `stop(messageId)` from anywhere in this process. */
  chat(actor: Actor, request: ChatInput): AsyncIterable<ChatEvent>;
  stop(actor: Actor, messageId: MessageId): Promise<boolean>;
  /** Adds the next sentences on the same question to a stored answer; `added` 0 = there are none. Throws not_found, conflict. */
  more(actor: Actor, messageId: MessageId, input: MoreInput): Promise<{ message: Message; added: number }>;
  /** Which passage each sentence of a stored answer depends on. Throws not_found, conflict, aborted. */
  attribute(actor: Actor, messageId: MessageId, signal?: AbortSignal): Promise<readonly SentenceAttribution[]>;
  deleteConversation(actor: Actor, id: ConversationId): Promise<boolean>;
}

export interface Models {
  /** The embedder of this catalogue name, loading it when needed. Throws model_missing. */
  embedder(name: string): Promise<Embedder>;
  generator(): Promise<Generator>;
  /** What marks short answers in passages, or the reason why there is nothing that does. Never throws model_missing. */
  reader(): Promise<ReaderChoice>;
  list(): Promise<ModelStatus[]>;
  /** Fetches a model of the catalogue; progress is seen in `list`. */
  pull(name: string, signal?: AbortSignal): Promise<void>;
}

export interface ReaderChoice {
  readonly reader: Reader | undefined;
  readonly reason: string | null;
}

export interface Operations {
  schedule(): Promise<Schedule & { lastReport: ReindexReport | null }>;
  putSchedule(change: {
    cron: string;
    timezone: string;
    enabled: boolean;
  }): Promise<Schedule & { lastReport: ReindexReport | null }>;
  /** Enqueues one re-index run now. */
  reindex(actor: Actor): Promise<Job>;
  overview(): Promise<OverviewResponse>;
  readiness(): Promise<{ ready: boolean; checks: Readonly<Record<string, boolean>> }>;
  /** Prometheus text format. */
  metrics(): Promise<string>;
  /** Counts an HTTP request into the metrics. */
  observeRequest(labels: { method: string; route: string; status: number }, durationMs: number): void;
}

export interface Platform {
  readonly version: string;
  readonly config: Config;
  readonly logger: Logger;
  readonly store: Store;
  readonly blobs: Blobs;
  readonly queue: Queue;
  readonly index: VectorIndex;
  readonly models: Models;
  readonly library: Library;
  readonly assistant: Assistant;
  readonly adaptation: Adaptation;
  readonly refusalCurves: RefusalCurves;
  readonly operations: Operations;
  /** Starts taking jobs and running schedules in this process. */
  startWorker(): Promise<{ close(): Promise<void> }>;
  /** Reverse order of opening; at most 20 s. */
  close(): Promise<void>;
}
