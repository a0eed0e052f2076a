/** The tables of the closed loop as drizzle sees them; examples and items are used through prepared SQL. */
import { integer, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Adapter, AdapterId, Evaluation, EvaluationId, FineTune, FineTuneId } from "@lorekeep/core";

export const fineTunes = sqliteTable("fine_tunes", {
  no: integer().primaryKey({ autoIncrement: true }),
  id: text().$type<FineTuneId>().notNull(),
  name: text().notNull(),
  datasetId: text("dataset_id").notNull(),
  datasetName: text("dataset_name").notNull(),
  base: text().notNull(),
  recipe: text({ mode: "json" }).$type<FineTune["recipe"]>().notNull(),
  status: text().$type<FineTune["status"]>().notNull(),
  phase: text().notNull(),
  jobId: text("job_id"),
  step: integer().notNull(),
  steps: integer().notNull(),
  tokensPerSecond: real("tokens_per_second"),
  etaSeconds: real("eta_seconds"),
  memoryBytes: integer("memory_bytes"),
  skippedSteps: integer("skipped_steps").notNull(),
  adapterId: text("adapter_id"),
  gate: text({ mode: "json" }).$type<NonNullable<FineTune["gate"]>>(),
  error: text({ mode: "json" }).$type<NonNullable<FineTune["error"]>>(),
  exampleIds: text("example_ids", { mode: "json" }).$type<readonly string[]>().notNull().default([]),
  createdAt: text("created_at").notNull(),
  startedAt: text("started_at"),
  endedAt: text("ended_at"),
});

export const adapters = sqliteTable("adapters", {
  no: integer().primaryKey({ autoIncrement: true }),
  id: text().$type<AdapterId>().notNull(),
  name: text().notNull(),
  version: integer().notNull(),
  base: text().notNull(),
  origin: text().$type<Adapter["origin"]>().notNull(),
  fineTuneId: text("fine_tune_id"),
  rank: integer().notNull(),
  alpha: real().notNull(),
  sizeBytes: integer("size_bytes").notNull(),
  sha256: text().notNull(),
  passed: integer({ mode: "boolean" }).notNull(),
  gate: text({ mode: "json" }).$type<NonNullable<Adapter["gate"]>>(),
  card: text({ mode: "json" }).$type<Adapter["card"]>().notNull(),
  file: text().notNull(),
  createdAt: text("created_at").notNull(),
});

export const evaluations = sqliteTable("evaluations", {
  no: integer().primaryKey({ autoIncrement: true }),
  id: text().$type<EvaluationId>().notNull(),
  name: text().notNull(),
  datasetId: text("dataset_id").notNull(),
  datasetName: text("dataset_name").notNull(),
  collectionId: text("collection_id").notNull(),
  status: text().$type<Evaluation["status"]>().notNull(),
  jobId: text("job_id"),
  setting: text({ mode: "json" }).$type<Evaluation["setting"]>().notNull(),
  figures: text({ mode: "json" }).$type<NonNullable<Evaluation["figures"]>>(),
  error: text({ mode: "json" }).$type<NonNullable<Evaluation["error"]>>(),
  createdAt: text("created_at").notNull(),
  endedAt: text("ended_at"),
});
