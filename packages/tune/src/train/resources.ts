/**
 * Is there room for a run, and in which memory mode? Asked before anything long begins, so that a run is refused with a
 * sentence at the start instead of being killed by the system in the middle.
 */
import { mkdir } from "node:fs/promises";
import { AppError } from "@lorekeep/core";
import { checkSpace } from "../atomic-file.ts";
import type { MemoryMode } from "./step-session.ts";

/** Peak resident bytes of a run in each mode. */
export type MemoryEstimates = Readonly<Record<MemoryMode, number>>;

/** Left to everybody else on the machine: other programs, the file cache, the chat's own model at work. */
const SPARE_BYTES = 512 * 1024 ** 2;
const FASTEST_FIRST: readonly MemoryMode[] = ["fast", "checkpointed", "small"];
/** Checkpoints kept, and the one that is being written. */
const CHECKPOINTS_ON_DISK = 3;
/** Parameters, two moments and the best parameters. */
const ARRAYS_IN_CHECKPOINT = 4;

/** Memory that a process may still take without swapping, limits of its container included. */
export function freeMemoryBytes(): number {
  return process.availableMemory();
}

/** Does it fit with some memory to spare? */
export function fitsMemory(bytes: number, freeBytes: number): boolean {
  return bytes + SPARE_BYTES <= freeBytes;
}

/** The fastest mode that fits with some memory to spare. Throws memory_low when none does. */
export function chooseMemoryMode(freeBytes: number, estimates: MemoryEstimates): MemoryMode {
  const mode = FASTEST_FIRST.find((candidate) => fitsMemory(estimates[candidate], freeBytes));
  if (mode !== undefined) return mode;
  const neededBytes = estimates.small + SPARE_BYTES;
  throw new AppError(
    "memory_low",
    `This training needs ${gigabytes(neededBytes)} GB of free memory even in its smallest mode; ${gigabytes(freeBytes)} GB are free. Close other programs, shorten the examples or choose a smaller base model.`,
    { neededBytes, freeBytes },
  );
}

export interface ResourceNeeds {
  readonly estimates: MemoryEstimates;
  /** A mode that was asked for; missing = the fastest that fits. */
  readonly memoryMode?: MemoryMode | undefined;
  readonly trainedParameters: number;
  /** What else will be written into the folder: prepared weights, graphs, the adapter. */
  readonly otherBytes: number;
  /** Where all of it is written; made when missing. */
  readonly folder: string;
}

/** Decides the memory mode. Throws memory_low, disk_full. `freeBytes` is for tests. */
export async function checkResources(needs: ResourceNeeds, freeBytes = freeMemoryBytes()): Promise<MemoryMode> {
  const { estimates, memoryMode } = needs;
  const asked = memoryMode === undefined ? estimates : sameInAllModes(estimates[memoryMode]);
  const mode = chooseMemoryMode(freeBytes, asked);
  await mkdir(needs.folder, { recursive: true });
  const checkpointBytes = needs.trainedParameters * Float32Array.BYTES_PER_ELEMENT * ARRAYS_IN_CHECKPOINT;
  await checkSpace(needs.folder, CHECKPOINTS_ON_DISK * checkpointBytes + needs.otherBytes, "The training's files");
  return memoryMode ?? mode;
}

function sameInAllModes(bytes: number): MemoryEstimates {
  return { fast: bytes, checkpointed: bytes, small: bytes };
}

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
