/**
 * The id of a job that is made once: it follows from kind and key, so a second enqueue finds the first job even when that
 * one has ended. Ids of this form meet a random one as seldom as two random ones meet.
 */
import { createHash } from "node:crypto";
import { isId, type JobId } from "@lorekeep/core";

const DIGITS = 25;

export function onceId(kind: string, key: string): JobId {
  const hash = createHash("sha256").update(`${kind}\n${key}`, "utf8").digest("hex").slice(0, 32);
  const id = `job_${BigInt(`0x${hash}`).toString(36).padStart(DIGITS, "0")}`;
  if (!isId("job", id)) throw new TypeError("A job's id has another form by now.");
  return id;
}
