/**
 * What the house keeps, as narrow ports over one database. Only `store` writes SQL behind them.
 * All calls are atomic. Reads of passages see live versions only: a chunk is live when its version is the document's
 * published one in that generation.
 */
import type {
  ApiKey,
  AuditEntry,
  Chunk,
  ChunkDraft,
  Citation,
  Collection,
  Conversation,
  DocumentError,
  DocumentRecord,
  DocumentStatus,
  Generation,
  Language,
  Message,
  Metadata,
  ParsedPage,
  Passage,
  RetrievalSettings,
  Scope,
  StageRecord,
  User,
} from "../domain.ts";
import type { Facets } from "../api/facets.ts";
import type { SearchFilter } from "../filter.ts";
import type {
  ApiKeyId,
  ChunkId,
  CollectionId,
  ConversationId,
  DocumentId,
  GenerationId,
  MessageId,
  SessionId,
  UserId,
  VersionId,
} from "../ids.ts";
import type { VectorSource } from "./vector-index.ts";
import type { Adapters, Datasets, Evaluations, FineTunes } from "./adaptation.ts";
import type { Page, PageQuery } from "./page.ts";

export interface NewCollection {
  readonly name: string;
  readonly description?: string | undefined;
  readonly language: Collection["language"];
  readonly embedder: string;
  readonly embedderFingerprint: string;
  readonly dimensions: number;
  readonly chunking: Collection["chunking"];
  readonly retrieval: RetrievalSettings;
}

export interface Collections {
  /** Makes the collection with its first, serving generation. Throws conflict when the name is taken. */
  create(collection: NewCollection): Promise<Collection>;
  get(id: CollectionId): Promise<Collection | null>;
  getByName(name: string): Promise<Collection | null>;
  list(query: PageQuery): Promise<Page<Collection>>;
  update(
    id: CollectionId,
    changes: { name?: string; description?: string; language?: Collection["language"]; retrieval?: RetrievalSettings },
  ): Promise<Collection>;
  /** Hides the collection and its documents at once; rows go away in slices through `purgeDeleted`. */
  delete(id: CollectionId): Promise<void>;

  generation(id: GenerationId): Promise<Generation | null>;
  generations(filter?: { collectionId?: CollectionId }): Promise<Generation[]>;
  /** Makes (or returns, when equal) the generation being built beside the serving one; a different unfinished one is retired. */
  beginGeneration(
    collectionId: CollectionId,
    target: { embedder: string; embedderFingerprint: string; dimensions: number; chunking: Collection["chunking"] },
  ): Promise<Generation>;
  /** One row flips: the next generation serves, the old one is retired. */
  serveGeneration(id: GenerationId): Promise<Collection>;
  /** Its rows go with the next purge; after `keepMs` when something may come back to it. */
  retireGeneration(id: GenerationId, keepMs?: number): Promise<void>;
}

export interface NewDocument {
  readonly collectionId: CollectionId;
  readonly name: string;
  readonly title?: string | undefined;
  readonly externalId?: string | undefined;
  readonly source: DocumentRecord["source"];
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly blob: string;
  readonly metadata: Metadata;
}

export interface Documents {
  /**
   * Decides by content and name, in one transaction:
   * same bytes and same external id in the collection → `duplicate`; same external id, or same name without external ids → `replaced`
   * (same id, new bytes, version number + 1, the old version answers until the new one is published); else `created`.
   */
  admit(
    document: NewDocument,
  ): Promise<{ outcome: "created" | "replaced" | "duplicate"; document: DocumentRecord; replacedBlob: string | null }>;
  get(id: DocumentId): Promise<DocumentRecord | null>;
  getByExternalId(collectionId: CollectionId, externalId: string): Promise<DocumentRecord | null>;
  list(
    query: PageQuery & {
      collectionId?: CollectionId | undefined;
      status?: DocumentStatus | undefined;
      nameContains?: string | undefined;
      collectionIds?: readonly CollectionId[] | undefined;
    },
  ): Promise<Page<DocumentRecord>>;
  setStatus(
    id: DocumentId,
    status: DocumentStatus,
    change?: { error?: DocumentError | null; warnings?: readonly string[]; stages?: readonly StageRecord[] },
  ): Promise<void>;
  setStages(id: DocumentId, stages: readonly StageRecord[]): Promise<void>;
  setParsed(
    id: DocumentId,
    parsed: {
      title: string | null;
      language: Language;
      pageCount: number | null;
      mediaType: string;
      warnings: readonly string[];
    },
  ): Promise<void>;
  /** At once invisible everywhere (search, chat, lists, files); rows go away in slices through `purgeDeleted`. */
  delete(id: DocumentId): Promise<{ document: DocumentRecord } | null>;
  /** Documents of the collection that came or were changed after this time. */
  countChangedSince(collectionId: CollectionId, since: string): Promise<number>;
  countByStatus(collectionId?: CollectionId): Promise<Readonly<Record<DocumentStatus, number>>>;
  /** True when any document or unfinished version still needs these bytes. */
  isBlobUsed(sha256: string): Promise<boolean>;
}

/** The write path's view: stage in small transactions, publish in one. */
export interface Versions {
  /** Starts (or restarts: staged rows of an earlier try of the same bytes are thrown away) a version of a document in a generation. */
  begin(request: { documentId: DocumentId; generationId: GenerationId; blob: string }): Promise<VersionId>;
  stagePages(versionId: VersionId, pages: readonly ParsedPage[]): Promise<void>;
  /** Vectors already stored in this generation under these content hashes. */
  findVectors(generationId: GenerationId, contentHashes: readonly string[]): Promise<Map<string, Float32Array>>;
  /** At most 64 chunks a call, so that the event loop is never held. */
  stageChunks(versionId: VersionId, chunks: readonly (ChunkDraft & { vector: Float32Array })[]): Promise<void>;
  /** One transaction: this version answers, the one before it no longer does, the index changes are logged. Throws conflict when the document has been deleted or has other bytes by now. */
  publish(versionId: VersionId): Promise<{ chunkCount: number; removedChunkCount: number }>;
  /** Throws away a staged version. */
  discard(versionId: VersionId): Promise<void>;
  /** Deletes one slice of rows of dead versions and deleted documents; returns rows removed (0 = clean) and blobs no longer used. */
  purgeDeleted(maxRows: number): Promise<{ removedRows: number; unusedBlobs: string[] }>;
}

export interface KeywordHit {
  readonly seq: number;
  /** BM25, higher is better. */
  readonly score: number;
}

/** The read path's view. */
export interface Passages {
  /** User text is data: operators of the full-text language are quoted. `allow` as in VectorSearch. */
  keywordSearch(request: {
    generationIds: readonly GenerationId[];
    query: string;
    /** What was said before the query: its words put what the query found in order, a little, and find nothing themselves. */
    background?: string | undefined;
    limit: number;
    allow?: Uint32Array | undefined;
  }): Promise<KeywordHit[]>;
  /** Rows that the filter admits, ascending. */
  matchFilter(generationIds: readonly GenerationId[], filter: SearchFilter): Promise<Uint32Array>;
  /** What the documents of these generations could be narrowed down by, under this filter; days are those of `timeZone`, else UTC's. */
  facets(generationIds: readonly GenerationId[], filter: SearchFilter, timeZone?: string): Promise<Facets>;
  /** Live passages only, in the order asked for; rows that are gone are left out. Scores are filled in by the caller. */
  load(seqs: readonly number[]): Promise<Omit<Passage, "scores">[]>;
  getChunk(id: ChunkId): Promise<(Chunk & { documentName: string }) | null>;
  listChunks(documentId: DocumentId, query: PageQuery): Promise<Page<Chunk>>;
  /** Parsed pages of the live version with ordinal ≥ from. */
  readPages(documentId: DocumentId, range: { from: number; limit: number }): Promise<ParsedPage[]>;
  /** Text of the live version in [start, end). */
  readText(documentId: DocumentId, start: number, end: number): Promise<string>;
  /** Document frequencies of these index terms, for refusal features. */
  termStatistics(
    generationIds: readonly GenerationId[],
    terms: readonly string[],
  ): Promise<{ documentCount: number; frequencies: Map<string, number> }>;
}

/** An answer that somebody rated or corrected, with what it rested on. */
export interface RatedAnswer {
  readonly messageId: MessageId;
  /** The question as it was resolved from the conversation. */
  readonly question: string;
  readonly answer: string;
  readonly refused: boolean;
  readonly rating: 1 | -1;
  readonly correction: string | null;
  readonly reason: string | null;
  readonly passages: readonly Passage[];
  readonly citations: readonly Citation[];
  readonly ratedAt: string;
}

export interface Conversations {
  create(request: { title: string; collectionIds: readonly CollectionId[]; owner: string }): Promise<Conversation>;
  get(id: ConversationId, owner: string): Promise<Conversation | null>;
  list(owner: string, query: PageQuery): Promise<Page<Conversation>>;
  rename(id: ConversationId, owner: string, title: string): Promise<void>;
  delete(id: ConversationId, owner: string): Promise<boolean>;
  /** Oldest first. Citations and passages whose document is gone are left out, and sentences that rested only on them are removed from the text. */
  messages(id: ConversationId): Promise<Message[]>;
  addMessage(
    message: Pick<Message, "conversationId" | "role" | "text" | "status"> & Partial<Omit<Message, "id" | "createdAt">>,
  ): Promise<Message>;
  updateMessage(
    id: MessageId,
    changes: Partial<Omit<Message, "id" | "conversationId" | "role" | "createdAt">>,
  ): Promise<void>;
  getMessage(id: MessageId, owner: string): Promise<Message | null>;
  setFeedback(
    id: MessageId,
    owner: string,
    feedback: { rating: 1 | -1; correction: string | null; reason: string | null },
  ): Promise<boolean>;
  /**
   * Rated answers of everybody, in the order of their rating. Answers that lost text because a document is gone are left out.
   * `collectionId`: those that rest on passages of this collection, or whose conversation was about it.
   */
  feedback(
    query: PageQuery & { since?: string | undefined; collectionId?: CollectionId | undefined },
  ): Promise<Page<RatedAnswer>>;
  /**
   * Of all rated answers that rest on passages of these collections, the at most `limit` whose questions share most telling words
   * with this one, in the order of their rating.
   */
  feedbackLike(
    question: string,
    query: { readonly collectionIds: readonly CollectionId[]; readonly limit: number },
  ): Promise<RatedAnswer[]>;
  /** Messages left `streaming` by a process that died become `stopped`; returns how many. */
  closeInterrupted(): Promise<number>;
}

export interface Accounts {
  countUsers(): Promise<number>;
  createOwner(user: { name: string; passwordHash: string }): Promise<User>;
  findUser(name: string): Promise<(User & { passwordHash: string }) | null>;
  getUser(id: UserId): Promise<User | null>;
  createSession(session: { userId: UserId; tokenHash: string; expiresAt: string }): Promise<SessionId>;
  findSession(tokenHash: string, now: string): Promise<{ id: SessionId; user: User } | null>;
  deleteSession(tokenHash: string): Promise<void>;
  createKey(key: {
    name: string;
    prefix: string;
    secretHash: string;
    scopes: readonly Scope[];
    collectionIds: readonly CollectionId[] | null;
    expiresAt: string | null;
  }): Promise<ApiKey>;
  /** Valid keys only; also records the use. */
  findKey(secretHash: string, now: string): Promise<ApiKey | null>;
  listKeys(): Promise<ApiKey[]>;
  revokeKey(id: ApiKeyId): Promise<boolean>;
  /** One-time secrets (owner link): stored hashed, purpose-bound, gone after use. */
  putOneTimeSecret(purpose: string, secretHash: string, expiresAt: string): Promise<void>;
  takeOneTimeSecret(purpose: string, secretHash: string, now: string): Promise<boolean>;
}

export interface Audit {
  record(entry: {
    actor: string;
    action: string;
    target?: string | null;
    detail?: Record<string, unknown>;
  }): Promise<void>;
  list(query: PageQuery): Promise<Page<AuditEntry>>;
}

/** Small named JSON values: last nightly report, feature switches. */
export interface Settings {
  get(name: string): Promise<unknown>;
  put(name: string, value: unknown): Promise<void>;
}

/** Facts that `doctor` and the nightly job look at. */
export interface Upkeep {
  /** Counts by kind of things that belong to nothing; all 0 when sound. */
  orphans(): Promise<Readonly<Record<string, number>>>;
  integrity(): Promise<readonly string[]>;
  /** Reclaims space and makes sure that no file holds deleted text: FTS optimise, checkpoint, vacuum. */
  compact(): Promise<{ bytesBefore: number; bytesAfter: number }>;
  /** A consistent copy while serving. */
  backupTo(path: string): Promise<void>;
}

export interface Store {
  readonly collections: Collections;
  readonly documents: Documents;
  readonly versions: Versions;
  readonly passages: Passages;
  readonly vectors: VectorSource;
  readonly conversations: Conversations;
  readonly accounts: Accounts;
  readonly audit: Audit;
  readonly settings: Settings;
  readonly upkeep: Upkeep;
  readonly datasets: Datasets;
  readonly fineTunes: FineTunes;
  readonly adapters: Adapters;
  readonly evaluations: Evaluations;
  close(): Promise<void>;
}
