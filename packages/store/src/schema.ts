/**
 * The tables as drizzle sees them, for typed queries; the truth is migrations/*.sql, and schema.test.ts compares the two.
 * Hot tables (chunk_terms, vectors, index_changes, jobs) are used through prepared SQL and are not repeated here.
 */
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type {
  ApiKeyId,
  Citation,
  Collection,
  DocumentError,
  DocumentRecord,
  Generation,
  Language,
  Message,
  Metadata,
  Passage,
  RetrievalSettings,
  Scope,
  SessionId,
  StageRecord,
  TraceStep,
  UserId,
} from "@lorekeep/core";

export * from "./adaptation-schema.ts";

export const collections = sqliteTable("collections", {
  no: integer().primaryKey({ autoIncrement: true }),
  id: text().$type<Collection["id"]>().notNull(),
  name: text().notNull(),
  description: text().notNull(),
  language: text().$type<Collection["language"]>().notNull(),
  retrieval: text({ mode: "json" }).$type<RetrievalSettings>().notNull(),
  servingNo: integer("serving_no"),
  nextNo: integer("next_no"),
  createdAt: text("created_at").notNull(),
  updatedAt: text("updated_at").notNull(),
  deletedAt: text("deleted_at"),
});

export const generations = sqliteTable("generations", {
  no: integer().primaryKey({ autoIncrement: true }),
  id: text().$type<Generation["id"]>().notNull(),
  collectionNo: integer("collection_no").notNull(),
  embedder: text().notNull(),
  embedderFingerprint: text("embedder_fingerprint").notNull(),
  dimensions: integer().notNull(),
  maxTokens: integer("max_tokens").notNull(),
  overlapTokens: integer("overlap_tokens").notNull(),
  status: text().$type<Generation["status"]>().notNull(),
  purgeAfter: text("purge_after"),
  trimmedChange: integer("trimmed_change").notNull().default(0),
  createdAt: text("created_at").notNull(),
});

export const documents = sqliteTable("documents", {
  no: integer().primaryKey({ autoIncrement: true }),
  id: text().$type<DocumentRecord["id"]>().notNull(),
  collectionNo: integer("collection_no").notNull(),
  name: text().notNull(),
  nameFolded: text("name_folded").notNull(),
  title: text(),
  externalId: text("external_id"),
  source: text().$type<DocumentRecord["source"]>().notNull(),
  mediaType: text("media_type").notNull(),
  sizeBytes: integer("size_bytes").notNull(),
  blob: text().notNull(),
  publishedBlob: text("published_blob"),
  status: text().$type<DocumentRecord["status"]>().notNull(),
  stages: text({ mode: "json" }).$type<readonly StageRecord[]>().notNull().default([]),
  error: text({ mode: "json" }).$type<DocumentError>(),
  warnings: text({ mode: "json" }).$type<readonly string[]>().notNull().default([]),
  metadata: text({ mode: "json" }).$type<Metadata>().notNull().default({}),
  language: text().$type<Language>(),
  pageCount: integer("page_count"),
  versionNumber: integer("version_number").notNull().default(1),
  createdAt: text("created_at").notNull(),
  updatedAt: text("updated_at").notNull(),
  deletedAt: text("deleted_at"),
});

export const documentVersions = sqliteTable("document_versions", {
  no: integer().primaryKey({ autoIncrement: true }),
  id: text().$type<NonNullable<DocumentRecord["versionId"]>>().notNull(),
  documentNo: integer("document_no").notNull(),
  generationNo: integer("generation_no").notNull(),
  blob: text().notNull(),
  status: text().$type<"staged" | "live" | "dead">().notNull(),
  chunkCount: integer("chunk_count").notNull().default(0),
  createdAt: text("created_at").notNull(),
  updatedAt: text("updated_at").notNull(),
});

export const conversations = sqliteTable("conversations", {
  no: integer().primaryKey({ autoIncrement: true }),
  id: text().$type<Message["conversationId"]>().notNull(),
  owner: text().notNull(),
  title: text().notNull(),
  collectionIds: text("collection_ids", { mode: "json" }).$type<readonly Collection["id"][]>().notNull(),
  createdAt: text("created_at").notNull(),
  updatedAt: text("updated_at").notNull(),
});

export const messages = sqliteTable("messages", {
  no: integer().primaryKey({ autoIncrement: true }),
  id: text().$type<Message["id"]>().notNull(),
  conversationNo: integer("conversation_no").notNull(),
  role: text().$type<Message["role"]>().notNull(),
  text: text().notNull(),
  status: text().$type<Message["status"]>().notNull(),
  condensedQuestion: text("condensed_question"),
  refused: integer({ mode: "boolean" }).notNull(),
  reason: text(),
  extractive: integer({ mode: "boolean" }).notNull(),
  citations: text({ mode: "json" }).$type<readonly Citation[]>().notNull(),
  passages: text({ mode: "json" }).$type<readonly Passage[]>().notNull(),
  trace: text({ mode: "json" }).$type<readonly TraceStep[]>().notNull(),
  usage: text({ mode: "json" }).$type<NonNullable<Message["usage"]>>(),
  model: text(),
  adapter: text().$type<NonNullable<Message["adapter"]>>(),
  shortAnswer: text("short_answer", { mode: "json" }).$type<NonNullable<Message["shortAnswer"]>>(),
  feedback: text({ mode: "json" }).$type<NonNullable<Message["feedback"]>>(),
  feedbackAt: text("feedback_at"),
  createdAt: text("created_at").notNull(),
});

export const users = sqliteTable("users", {
  no: integer().primaryKey({ autoIncrement: true }),
  id: text().$type<UserId>().notNull(),
  name: text().notNull(),
  role: text().$type<"owner">().notNull(),
  passwordHash: text("password_hash").notNull(),
  createdAt: text("created_at").notNull(),
});

export const sessions = sqliteTable("sessions", {
  no: integer().primaryKey({ autoIncrement: true }),
  id: text().$type<SessionId>().notNull(),
  userNo: integer("user_no").notNull(),
  tokenHash: text("token_hash").notNull(),
  createdAt: text("created_at").notNull(),
  expiresAt: text("expires_at").notNull(),
});

export const apiKeys = sqliteTable("api_keys", {
  no: integer().primaryKey({ autoIncrement: true }),
  id: text().$type<ApiKeyId>().notNull(),
  name: text().notNull(),
  prefix: text().notNull(),
  secretHash: text("secret_hash").notNull(),
  scopes: text({ mode: "json" }).$type<readonly Scope[]>().notNull(),
  collectionIds: text("collection_ids", { mode: "json" }).$type<readonly Collection["id"][]>(),
  expiresAt: text("expires_at"),
  lastUsedAt: text("last_used_at"),
  createdAt: text("created_at").notNull(),
});

export const auditLog = sqliteTable("audit_log", {
  id: integer().primaryKey({ autoIncrement: true }),
  at: text().notNull(),
  actor: text().notNull(),
  action: text().notNull(),
  target: text(),
  detail: text({ mode: "json" }).$type<Readonly<Record<string, unknown>>>().notNull(),
});

export const settings = sqliteTable("settings", {
  name: text().primaryKey(),
  /** JSON, of any shape, null included. */
  value: text().notNull(),
});
