/**
 * The two ways into a data folder: through the server that runs on it, or by opening it in this process. Commands are
 * written once, against this.
 */
import type {
  ApiKeyResponse,
  ChatEvent,
  CreateApiKeyRequest,
  DocumentStatus,
  ModelStatus,
  SearchRequest,
  SearchResponse,
} from "@lorekeep/core";
import type { JobState } from "./job-state.ts";
import type { Tuning } from "./tuning.ts";

export interface ImportedFile {
  readonly id: string;
  readonly status: DocumentStatus;
  readonly duplicate: boolean;
  readonly replaced: boolean;
}

export interface DocumentState {
  readonly status: DocumentStatus;
  readonly error: { readonly code: string; readonly detail: string } | null;
  readonly chunkCount: number;
}

export interface FileToImport {
  readonly path: string;
  readonly name: string;
  /** For files of a folder: their path in it, so that two of the same name are two documents. */
  readonly externalId: string | undefined;
  readonly collection: string | undefined;
}

export interface Door {
  search(request: SearchRequest): Promise<SearchResponse>;
  chat(request: { question: string; collections?: string[] }, signal: AbortSignal): AsyncIterable<ChatEvent>;
  importFile(file: FileToImport): Promise<ImportedFile>;
  document(id: string): Promise<DocumentState>;
  deleteDocument(id: string): Promise<void>;
  reindex(): Promise<JobState>;
  job(id: string): Promise<JobState>;
  createKey(request: CreateApiKeyRequest): Promise<ApiKeyResponse & { secret: string }>;
  listKeys(): Promise<readonly ApiKeyResponse[]>;
  revokeKey(id: string): Promise<void>;
  listModels(): Promise<readonly ModelStatus[]>;
  /** Resolves when the model is there. */
  pullModel(name: string, onProgress: (model: ModelStatus) => void, signal: AbortSignal): Promise<void>;
  readonly tuning: Tuning;
  close(): Promise<void>;
}
