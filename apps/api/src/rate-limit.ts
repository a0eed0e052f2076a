/**
 * Token buckets, one a caller or address: `perMinute` on average, a whole minute's worth at once.
 * In memory of this process: with several servers each has its own, which only makes the limit more generous.
 */
import { AppError } from "@lorekeep/core";

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

export interface RateLimit {
  /** Takes one token. Throws rate_limited with the seconds to wait. */
  take(key: string): void;
}

const MAX_BUCKETS = 10_000;

export function rateLimit(options: { perMinute: number; what: string; now: () => Date }): RateLimit {
  const buckets = new Map<string, Bucket>();
  const perMs = options.perMinute / 60_000;

  const filled = (key: string, nowMs: number): Bucket => {
    const bucket = buckets.get(key) ?? { tokens: options.perMinute, filledAtMs: nowMs };
    bucket.tokens = Math.min(options.perMinute, bucket.tokens + (nowMs - bucket.filledAtMs) * perMs);
    bucket.filledAtMs = nowMs;
    // The map is in order of last use, so the oldest are the full ones.
    buckets.delete(key);
    buckets.set(key, bucket);
    const oldest = buckets.size > MAX_BUCKETS ? buckets.keys().next().value : undefined;
    if (oldest !== undefined) buckets.delete(oldest);
    return bucket;
  };

  return {
    take(key) {
      const bucket = filled(key, options.now().getTime());
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return;
      }
      const retryAfterSeconds = Math.max(1, Math.ceil((1 - bucket.tokens) / perMs / 1000));
      throw new AppError("rate_limited", `Too many ${options.what}. Try again in ${retryAfterSeconds} s.`, {
        retryAfterSeconds,
      });
    },
  };
}
