/** A whole house in a temporary folder: real store, queue, index and parsers, fake models. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { DocumentId, DocumentRecord, Parser } from "@lorekeep/core";
import { recordingLogger, waitUntil } from "@lorekeep/core/testing";
import type { RecordingLogger } from "@lorekeep/core/testing";
import { openParserPool } from "@lorekeep/ingest";
import { afterAll } from "vitest";
import { LOCAL_ACTOR } from "../access.ts";
import type { Trainer } from "../adaptation/trainer.ts";
import { loadConfig } from "../load-config.ts";
import type { ConfigLayer } from "../load-config.ts";
import { openPlatform } from "../open-platform.ts";
import type { OpenPlatformOptions } from "../open-platform.ts";
import type { Platform, UploadOutcome } from "../platform.ts";
import { fakeModels } from "./fake-models.ts";
import type { FakeModels } from "./fake-models.ts";

export interface TestHouse extends AsyncDisposable {
  readonly folder: string;
  readonly platform: Platform;
  readonly models: FakeModels;
  readonly logger: RecordingLogger;
  upload(name: string, text: string | Buffer, collection?: string): Promise<UploadOutcome>;
  /** Waits until the document is ready or failed. */
  settled(id: DocumentId): Promise<DocumentRecord>;
  /** Waits until no job is queued or running. */
  idle(): Promise<void>;
  /** Closes the platform and opens it again on the same folder. */
  reopen(options?: Partial<OpenPlatformOptions>): Promise<void>;
}

/** One pool for all houses of a test file: starting parser processes is most of what a house costs. */
let pool: Parser | null = null;
afterAll(async () => pool?.close());
function sharedParser(): Parser {
  const shared = (pool ??= openParserPool({
    processes: 2,
    memoryBytes: 1_000_000_000,
    timeoutMs: 30_000,
    logger: recordingLogger(),
  }));
  return { parse: (request) => shared.parse(request), close: async () => undefined };
}

/** The refusal is calibrated for real embedders: the cosines of the hash embedder mean nothing to it. */
const NEVER_DOUBTFUL = { refusalThreshold: 0 };

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), "lorekeep-test-"));

export async function openTestHouse(
  options: { config?: ConfigLayer; work?: boolean; open?: Partial<OpenPlatformOptions>; trainer?: Trainer } = {},
): Promise<TestHouse> {
  const folder = temporaryFolder();
  const models = fakeModels();
  const logger = recordingLogger();
  const work = options.work ?? true;
  const open = async (
    more: Partial<OpenPlatformOptions> = {},
  ): Promise<[Platform, { close(): Promise<void> } | null]> => {
    const { config } = loadConfig({
      env: {},
      flags: {
        dataFolder: join(folder, "data"),
        offline: true,
        retrieval: NEVER_DOUBTFUL,
        ...options.config,
      },
    });
    const platform = await openPlatform({
      config,
      logger,
      drivers: { models, parser: sharedParser(), ...(options.trainer ? { trainer: options.trainer } : {}) },
      ...options.open,
      ...more,
    });
    return [platform, work ? await platform.startWorker() : null];
  };
  let [platform, worker] = await open();
  const close = async (): Promise<void> => {
    await worker?.close();
    await platform.close();
  };
  return {
    folder,
    models,
    logger,
    get platform() {
      return platform;
    },
    upload: (name, text, collection) =>
      platform.library.upload(LOCAL_ACTOR, {
        collection,
        name,
        mediaType: null,
        metadata: {},
        bytes: Readable.from([Buffer.from(text)]),
      }),
    settled: (id) =>
      waitUntil(
        async () => {
          const document = await platform.store.documents.get(id);
          return document && (document.status === "ready" || document.status === "failed") ? document : null;
        },
        { what: `document ${id} to settle`, timeoutMs: 240_000 },
      ),
    idle: async () => {
      await waitUntil(
        async () => {
          const counts = await platform.queue.counts();
          return counts.queued + counts.running === 0;
        },
        { what: "the queue to drain", timeoutMs: 240_000 },
      );
    },
    reopen: async (more) => {
      await close();
      [platform, worker] = await open(more);
    },
    [Symbol.asyncDispose]: async () => {
      await close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
