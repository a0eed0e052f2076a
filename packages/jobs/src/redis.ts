/** Connections to Redis, and how long anybody waits for it when it is away. */
import { AppError } from "@lorekeep/core";
import type { Logger } from "@lorekeep/core";
import { Redis } from "ioredis";

/** A request of the product fails after this rather than hanging while Redis is away. */
const PATIENCE_MS = 2_000;

/** For requests: fails at once while disconnected, so that nothing runs long after its caller was told that it did not. */
export function connectForRequests(url: string, logger: Logger): Redis {
  return connect(url, logger, { enableOfflineQueue: false, maxRetriesPerRequest: 1 });
}

/** For workers: waits for ever, so that work resumes by itself when Redis is back. */
export function connectForWork(url: string, logger: Logger): Redis {
  return connect(url, logger, { maxRetriesPerRequest: null });
}

function connect(
  url: string,
  logger: Logger,
  options: { enableOfflineQueue?: boolean; maxRetriesPerRequest: number | null },
): Redis {
  const redis = new Redis(url, {
    ...options,
    connectTimeout: PATIENCE_MS,
    retryStrategy: (times) => Math.min(100 * times, 1_000),
  });
  let isDown = false;
  redis.on("ready", () => {
    if (isDown) logger.info("redis.back");
    isDown = false;
  });
  // One line per outage; ioredis goes on trying.
  redis.on("error", (error) => {
    if (!isDown) logger.warn("redis.away", { error });
    isDown = true;
  });
  return redis;
}

/** Throws queue_unavailable when Redis cannot be reached in time or the connection breaks; our own errors pass. */
export async function ask<Result>(redis: Redis, request: () => Promise<Result>): Promise<Result> {
  let giveUp: (error: Error) => void = () => undefined;
  let onReady: () => void = () => undefined;
  const late = new Promise<never>((_resolve, reject) => (giveUp = reject));
  const ready = new Promise<void>((resolve) => (onReady = resolve));
  const timer = setTimeout(() => giveUp(new Error(`No answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  try {
    if (redis.status !== "ready") {
      redis.once("ready", onReady);
      await Promise.race([ready, late]);
    }
    return await Promise.race([request(), late]);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError(
      "queue_unavailable",
      "The job queue (Redis) cannot be reached. Try again in a moment.",
      {},
      { cause },
    );
  } finally {
    clearTimeout(timer);
    redis.off("ready", onReady);
  }
}

/** What Redis throws away when it runs out of memory; null when it does not say. Throws queue_unavailable when it is away. */
export async function readEvictionPolicy(url: string, logger: Logger): Promise<string | null> {
  const redis = connectForRequests(url, logger);
  try {
    return /maxmemory_policy:(\S+)/.exec(await ask(redis, () => redis.info("memory")))?.[1] ?? null;
  } finally {
    redis.disconnect();
  }
}

/** Warns when Redis may throw away jobs to make room: its eviction policy must be noeviction. */
export async function checkEviction(redis: Redis, logger: Logger): Promise<void> {
  try {
    const policy = /maxmemory_policy:(\S+)/.exec(await redis.info("memory"))?.[1];
    if (policy !== undefined && policy !== "noeviction") {
      const advice = "Set maxmemory-policy noeviction, or jobs may vanish when Redis runs out of memory.";
      logger.warn("redis.evicts_jobs", { policy, advice });
    }
  } catch (error) {
    logger.warn("redis.policy_unknown", { error });
  }
}
