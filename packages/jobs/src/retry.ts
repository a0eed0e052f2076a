/** What happens to a job that threw: again after a while, given up as useless, or out of attempts. Shared by both drivers. */
import { AppError, toAppError } from "@lorekeep/core";
import type { DocumentError } from "@lorekeep/core";
import type { JobKind, JobKinds } from "./kinds.ts";

/** Longest pause between two attempts. */
const MAX_BACKOFF_MS = 3_600_000;

/**
 * Pause before attempt `attempt + 1`: backoffMs · 2^(attempt−1), spread by ±20 % so that jobs which failed together
 * (a model server went away) do not come back together. `random` yields [0,1).
 */
export function backoffMs(kind: Pick<JobKind, "backoffMs">, attempt: number, random: () => number): number {
  const pause = Math.min(MAX_BACKOFF_MS, kind.backoffMs * 2 ** Math.max(0, attempt - 1));
  return Math.round(pause * (0.8 + 0.4 * random()));
}

/** `failed`: trying again would not help; `dead`: the attempts are used up. */
export function verdict(error: AppError, attempt: number, maxAttempts: number): "retry" | "failed" | "dead" {
  if (!error.retry) return "failed";
  return attempt < maxAttempts ? "retry" : "dead";
}

export function describeError(error: unknown): { error: AppError; record: DocumentError } {
  const known = toAppError(error);
  return { error: known, record: { code: known.code, detail: known.message } };
}

/** The kind's row of the table. Throws request_invalid for a kind that is not in it. */
export function kindOf(kinds: JobKinds, name: string): JobKind {
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (kind === undefined)
    throw new AppError("request_invalid", `There is no kind of job named "${name}".`, { kind: name });
  return kind;
}

/** Checks a payload taken from the queue. Throws request_invalid, naming the fields but none of their values. */
export function parsePayload(kind: JobKind, name: string, payload: unknown): unknown {
  const result = kind.payload.safeParse(payload);
  if (result.success) return result.data;
  const fields = result.error.issues.map((issue) => issue.path.join(".") || "(payload)").join(", ");
  throw new AppError("request_invalid", `The payload of this ${name} job does not fit its kind: ${fields}.`, {
    kind: name,
  });
}
