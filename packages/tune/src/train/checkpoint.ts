/**
 * A run's state on disk, so that a killed run goes on with the losses it would have had. Batches follow from (seed, epoch)
 * and the recipe, so the state is: the step, the parameters, Adam's moments, the best parameters and the series.
 *
 * One file: magic, header length (u32), header (JSON), float32 arrays, SHA-256 of all before it; little-endian. Written
 * atomically. The last two are kept; one that is damaged is passed over for the older.
 */
import { createHash } from "node:crypto";
import { readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "@lorekeep/core";
import { writeAtomically } from "../atomic-file.ts";

export interface LossPoint {
  /** Steps done, this one included. */
  readonly step: number;
  readonly loss: number;
}

/** What the run has come to between two steps. Arrays are flat over all parameters. */
export interface RunState {
  /** Steps done, skipped ones included. */
  step: number;
  readonly parameters: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
  /** Updates made: steps without the skipped ones. */
  updates: number;
  /** Parameters of the best validation so far. */
  readonly best: Float32Array;
  bestStep: number;
  bestLoss: number | null;
  /** Validations since the best one. */
  worseValidations: number;
  skippedSteps: number;
  skippedInARow: number;
  tokens: number;
  /** Time spent in steps, optimiser included; without validation, pauses and rests. */
  stepMs: number;
  isEarlyStop: boolean;
  readonly losses: LossPoint[];
  readonly validations: LossPoint[];
}

const MAGIC = Buffer.from("LKTRAIN1", "latin1");
const HASH_BYTES = 32;
const KEPT = 2;
const NAME = /^step-(\d{9})\.checkpoint$/;
const PARTIAL = /^step-\d{9}\.checkpoint\.partial/;

type Header = Omit<RunState, "parameters" | "m" | "v" | "best"> & {
  readonly fingerprint: string;
  readonly length: number;
};

function bytesOf(array: Float32Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

function encode(state: RunState, fingerprint: string): Buffer[] {
  const { parameters, m, v, best, ...rest } = state;
  const header = Buffer.from(JSON.stringify({ ...rest, fingerprint, length: parameters.length } satisfies Header));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(header.length);
  const parts = [MAGIC, size, header, ...[parameters, m, v, best].map(bytesOf)];
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return [...parts, hash.digest()];
}

/** Null for anything but a whole, undamaged checkpoint. */
function decode(bytes: Buffer): { state: RunState; fingerprint: string } | null {
  const end = bytes.length - HASH_BYTES;
  const start = MAGIC.length + 4;
  if (end < start || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  const hash = createHash("sha256").update(bytes.subarray(0, end)).digest();
  if (!hash.equals(bytes.subarray(end))) return null;
  const headerEnd = start + bytes.readUInt32LE(MAGIC.length);
  const { fingerprint, length, ...rest } = JSON.parse(bytes.toString("utf8", start, headerEnd)) as Header; // ours: the hash says so
  const arrayAt = (i: number): Float32Array => {
    const from = headerEnd + i * length * Float32Array.BYTES_PER_ELEMENT;
    const array = new Float32Array(length);
    bytes.copy(bytesOf(array), 0, from, from + array.byteLength);
    return array;
  };
  const [parameters, m, v, best] = [arrayAt(0), arrayAt(1), arrayAt(2), arrayAt(3)];
  return { state: { ...rest, parameters, m, v, best }, fingerprint };
}

/** Newest first. */
async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => NAME.test(name))
    .sort()
    .reverse();
}

/** Throws disk_full. */
export async function writeCheckpoint(folder: string, state: RunState, fingerprint: string): Promise<void> {
  const name = `step-${String(state.step).padStart(9, "0")}.checkpoint`;
  await writeAtomically(join(folder, name), async (file) => {
    for (const part of encode(state, fingerprint)) await file.writeFile(part);
  });
  await removePartials(folder);
  for (const old of (await namesIn(folder)).slice(KEPT)) await rm(join(folder, old), { force: true });
}

/**
 * The newest undamaged checkpoint; null when there is none. Throws conflict when it belongs to other data or another recipe:
 * going on with it would be neither the old run nor the new one.
 */
export async function readCheckpoint(folder: string, fingerprint: string): Promise<RunState | null> {
  for (const name of await namesIn(folder)) {
    const found = decode(await readFile(join(folder, name)));
    if (found === null) continue;
    if (found.fingerprint === fingerprint) return found.state;
    throw new AppError(
      "conflict",
      "The checkpoint belongs to a run with other data or another recipe. Start anew or restore those.",
      { name },
    );
  }
  return null;
}

/** Half-written ones of a killed run; the folder is the run's own, so nobody is writing them now. */
async function removePartials(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) if (PARTIAL.test(name)) await rm(join(folder, name), { force: true });
}

/** Removes all checkpoints of the folder, half-written ones too. */
export async function removeCheckpoints(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) await rm(join(folder, name), { force: true });
  await removePartials(folder);
}
