/**
 * The nouns of the house, in the order in which data meets them:
 * document → block → chunk → passage (a retrieved chunk) → citation.
 *
 * Offsets are UTF-16 code units of a version's parsed, normalised text, half-open [start, end).
 * Times are ISO 8601 strings in UTC. Sizes are bytes. Scores are higher-is-better.
 */
import type { ErrorCode } from "./errors.ts";
import type {
  ApiKeyId,
  ChunkId,
  CollectionId,
  ConversationId,
  DocumentId,
  GenerationId,
  JobId,
  MessageId,
  UserId,
  VersionId,
} from "./ids.ts";

/** Half-open range of UTF-16 code units. */
export type Span = readonly [start: number, end: number];
export type Language = "en" | "zh" | "other";

export interface Chunking {
  /** Upper bound of one chunk in the embedder's own tokens, its prefix and special tokens not counted. */
  readonly maxTokens: number;
  /** Tokens of whole sentences repeated at the head of the next chunk. */
  readonly overlapTokens: number;
}

export interface RetrievalSettings {
  /** Passages shown and given to the generator at most. */
  readonly passageCount: number;
  /** Weight of the dense arm in the fusion, in [0,1]; the lexical arm has the rest. */
  readonly denseWeight: number;
  /** Below this calibrated probability that the passages hold an answer, the chat refuses; in [0,1]. */
  readonly refusalThreshold: number;
  /** What the generator is asked with; absent or null: the shipped prompt. */
  readonly prompt?: PromptChoice | null | undefined;
}

/** A version of the answering prompt, perhaps with instructions of the user's own in place of its own. */
export interface PromptChoice {
  readonly version: string;
  /** The rule that passages are data is no part of them: it stays whatever they say. */
  readonly instructions?: string | undefined;
  /** Approved answers that are shown before the question, at most; absent = none. */
  readonly examples?: number | undefined;
}

export interface Collection {
  readonly id: CollectionId;
  readonly name: string;
  readonly description: string;
  /** "auto" lets each document's own language decide. */
  readonly language: Language | "auto";
  readonly embedder: string;
  readonly chunking: Chunking;
  readonly retrieval: RetrievalSettings;
  /** The generation that answers searches now. */
  readonly generationId: GenerationId;
  /** The generation being built beside it, if any. */
  readonly nextGenerationId: GenerationId | null;
  readonly documentCount: number;
  /** Those of them that answer searches now: not the ones still being read, nor those that could not be. */
  readonly searchableCount?: number;
  readonly chunkCount: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** One (embedder, chunking) pair of one collection: vectors of two models never meet in one index. */
export interface Generation {
  readonly id: GenerationId;
  readonly collectionId: CollectionId;
  readonly embedder: string;
  /** Identifies weights, prefix, pooling and number type, so that a same-sized other model is told apart. */
  readonly embedderFingerprint: string;
  readonly dimensions: number;
  readonly chunking: Chunking;
  readonly status: "building" | "serving" | "retired";
  readonly createdAt: string;
}

export const DOCUMENT_STATUSES = ["queued", "processing", "ready", "failed"] as const;
export type DocumentStatus = (typeof DOCUMENT_STATUSES)[number];
export const STAGES = ["parse", "chunk", "embed", "store", "index"] as const;
export type Stage = (typeof STAGES)[number];

export interface StageRecord {
  readonly name: Stage;
  readonly startedAt: string;
  readonly durationMs: number | null;
  /** Units done and expected (pages, chunks); null when not known yet. */
  readonly done: number;
  readonly total: number | null;
}

export interface DocumentError {
  readonly code: ErrorCode;
  readonly detail: string;
}

export type Metadata = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** A document as its owner sees it. Its text lives in versions; the one that answers is `versionId`. */
export interface DocumentRecord {
  readonly id: DocumentId;
  readonly collectionId: CollectionId;
  readonly name: string;
  readonly title: string | null;
  readonly externalId: string | null;
  readonly source: "upload" | "text" | "chunks" | "url" | "folder";
  readonly mediaType: string;
  readonly sizeBytes: number;
  /** sha256 of the bytes, hex. */
  readonly blob: string;
  readonly status: DocumentStatus;
  readonly stages: readonly StageRecord[];
  readonly error: DocumentError | null;
  readonly warnings: readonly string[];
  readonly metadata: Metadata;
  readonly language: Language | null;
  readonly pageCount: number | null;
  readonly chunkCount: number;
  readonly versionId: VersionId | null;
  readonly versionNumber: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A line or word group on a page: boxes in points, origin top left. Lets a viewer highlight any span, across pages. */
export interface Region {
  readonly start: number;
  readonly end: number;
  readonly page: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A piece of parsed text as stored and shown: a PDF page, a sheet, an EPUB chapter, or a run of blocks of a text file. */
export interface ParsedPage {
  readonly ordinal: number;
  /** 1-based page number where the format has pages, else null. */
  readonly page: number | null;
  readonly label: string | null;
  readonly start: number;
  readonly text: string;
  readonly regions: readonly Region[];
}

export const BLOCK_KINDS = ["heading", "paragraph", "list-item", "table", "code", "quote", "row"] as const;
export type BlockKind = (typeof BLOCK_KINDS)[number];

/** A structural unit of parsed text. `sentences` partition [start, end) of the block, CJK included. */
export interface Block {
  readonly kind: BlockKind;
  readonly start: number;
  readonly end: number;
  readonly page: number | null;
  /** Heading path from the outermost heading to the one above this block. */
  readonly headings: readonly string[];
  /** 1–6 for a heading, else null. */
  readonly level: number | null;
  readonly sentences: readonly Span[];
  /** Repeated before each chunk made of this block (a table's header row), else null. */
  readonly header: string | null;
}

/** What a parser makes of bytes: the whole text is the concatenation of the pages' texts. */
export interface ParsedDocument {
  readonly mediaType: string;
  readonly title: string | null;
  readonly language: Language;
  readonly pageCount: number | null;
  readonly pages: readonly ParsedPage[];
  readonly blocks: readonly Block[];
  readonly warnings: readonly string[];
}

/** A chunk before it is stored. `text` is what is shown and indexed; when `header` is null it equals the parsed text at `span`. */
export interface ChunkDraft {
  readonly ordinal: number;
  readonly text: string;
  readonly span: Span;
  readonly page: number | null;
  readonly pageEnd: number | null;
  readonly headings: readonly string[];
  readonly header: string | null;
  readonly tokenCount: number;
  /** sha256 hex of what is embedded; equal hashes in one generation share a vector and are not embedded again. */
  readonly contentHash: string;
}

export interface Chunk extends ChunkDraft {
  readonly id: ChunkId;
  /** Row number: the label in vector and keyword indexes. */
  readonly seq: number;
  readonly documentId: DocumentId;
  readonly collectionId: CollectionId;
  readonly versionId: VersionId;
}

/** A retrieved chunk. `dense` is the cosine, `lexical` BM25 (higher is better), `fused` decides the order. */
export interface Passage {
  readonly chunkId: ChunkId;
  readonly seq: number;
  readonly documentId: DocumentId;
  readonly collectionId: CollectionId;
  readonly documentName: string;
  readonly externalId: string | null;
  readonly mediaType: string;
  readonly language: Language | null;
  readonly text: string;
  readonly span: Span;
  readonly header: string | null;
  readonly page: number | null;
  readonly headings: readonly string[];
  readonly tokenCount: number;
  readonly scores: { readonly dense: number | null; readonly lexical: number | null; readonly fused: number };
  /** The number by which an answer cites it; absent: its place among the answer's passages, from 1. */
  readonly marker?: number | undefined;
}

/** A checked link from a span of the answer to a verbatim quote of a passage. */
export interface Citation {
  /** The number shown in the answer as [n], 1-based: the passage's place in the packed context. */
  readonly marker: number;
  /** The chunk that the quote stands in: of a passage that was merged from several, one of them. */
  readonly chunkId: ChunkId;
  readonly documentId: DocumentId;
  readonly documentName: string;
  readonly page: number | null;
  /** Verbatim substring of the parsed text. */
  readonly quote: string;
  /** Where the quote stands in the parsed text. */
  readonly span: Span;
  /** The sentence of the answer that this citation supports. */
  readonly answerSpan: Span;
  readonly supported: boolean;
  /** Strength of support in [0,1]: the probability that the quote says what the sentence says. */
  readonly support: number;
  /** Shown in words; absent in answers written before it was kept. */
  readonly verdict?: "supported" | "weak" | undefined;
  /** What was compared, by name; absent for a sentence that is its own quote. */
  readonly features?: Readonly<Record<string, number>> | undefined;
}

export interface Conversation {
  readonly id: ConversationId;
  readonly title: string;
  readonly collectionIds: readonly CollectionId[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface TokenUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** One step of an answer, for the trace that the chat can show: names and numbers. */
export interface TraceStep {
  readonly name: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface Message {
  readonly id: MessageId;
  readonly conversationId: ConversationId;
  readonly role: "user" | "assistant";
  readonly text: string;
  readonly status: "streaming" | "complete" | "stopped" | "failed";
  readonly condensedQuestion: string | null;
  readonly refused: boolean;
  readonly reason: string | null;
  /** True when the answer consists of quoted sentences rather than generated ones. */
  readonly extractive: boolean;
  readonly citations: readonly Citation[];
  readonly passages: readonly Passage[];
  readonly trace: readonly TraceStep[];
  readonly usage: TokenUsage | null;
  readonly model: string | null;
  /** Id of the adapter that the answer was written with; null or absent = the bare generator. */
  readonly adapter?: string | null | undefined;
  /** The answer proper, word for word from the passage of `chunkId`. */
  readonly shortAnswer?: { readonly text: string; readonly chunkId: string; readonly span: Span } | null | undefined;
  readonly feedback: {
    readonly rating: 1 | -1;
    readonly correction: string | null;
    readonly reason: string | null;
  } | null;
  readonly createdAt: string;
}

export const JOB_STATUSES = ["queued", "scheduled", "running", "succeeded", "failed", "cancelled", "dead"] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

export interface Job {
  readonly id: JobId;
  readonly kind: string;
  readonly status: JobStatus;
  readonly payload: unknown;
  readonly result: unknown;
  readonly error: DocumentError | null;
  readonly progress: { readonly done: number; readonly total: number | null; readonly note: string | null };
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly parentId: JobId | null;
  /** A second job with the key of one that has not ended is not made. */
  readonly key: string | null;
  readonly runAt: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

export interface Schedule {
  readonly name: string;
  /** Five fields: minute hour day month weekday. */
  readonly cron: string;
  /** IANA name, for example Europe/Berlin. */
  readonly timezone: string;
  readonly enabled: boolean;
  readonly lastDueAt: string | null;
  readonly nextDueAt: string | null;
}

export const SCOPES = ["search", "chat", "ingest", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

export interface User {
  readonly id: UserId;
  readonly name: string;
  readonly role: "owner";
  readonly createdAt: string;
}

/** The key's secret is shown once; only its sha256 is stored. */
export interface ApiKey {
  readonly id: ApiKeyId;
  readonly name: string;
  /** First characters of the secret, to recognise it by. */
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  /** null: every collection. */
  readonly collectionIds: readonly CollectionId[] | null;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly createdAt: string;
}

export interface AuditEntry {
  readonly id: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly target: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

export const SUGGESTED_REFUSALS = [
  "nothing_found",
  "not_supported",
  "no_documents",
  "model_unavailable",
  /** Everything that the documents say on it has been said. */
  "nothing_more",
  /** "Summarise this": several documents could be meant. */
  "which_document",
] as const;
export type RefusalReason = (typeof SUGGESTED_REFUSALS)[number];

export type { JobId };
