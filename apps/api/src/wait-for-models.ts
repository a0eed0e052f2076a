/** Says what is being fetched, how fast and how long still, until the models in use are there or known to be missing. */
import { setTimeout as pause } from "node:timers/promises";
import type { ModelStatus } from "@lorekeep/core";
import type { Platform } from "@lorekeep/platform";

const POLL_MS = 500;
const TELL_EVERY_MS = 5_000;

/** False when the signal fired first. */
export async function waitForModels(
  platform: Pick<Platform, "models" | "operations">,
  options: { tell: (text: string) => void; signal: AbortSignal },
): Promise<boolean> {
  let toldAtMs = -Infinity;
  while (!options.signal.aborted) {
    const { ready } = await platform.operations.readiness();
    const used = (await platform.models.list()).filter((model) => model.inUse);
    if (ready) {
      for (const model of used) if (model.state !== "ready") options.tell(describeMissing(model));
      return true;
    }
    if (performance.now() - toldAtMs >= TELL_EVERY_MS) {
      for (const model of used) options.tell(describeProgress(model));
      toldAtMs = performance.now();
    }
    await pause(POLL_MS, undefined, { signal: options.signal }).catch(() => undefined);
  }
  return false;
}

export function describeProgress({ name, state, progress }: ModelStatus): string {
  if (state !== "downloading" || progress === null) return `${state === "ready" ? "Loaded" : "Loading"} ${name}`;
  const { doneBytes, totalBytes, bytesPerSecond } = progress;
  if (doneBytes === totalBytes) return `Fetched ${name}: checking and preparing it`;
  const parts = [`${megabytes(doneBytes)} of ${totalBytes === null ? "?" : megabytes(totalBytes)}`];
  if (bytesPerSecond > 0) {
    parts.push(`${megabytes(bytesPerSecond)}/s`);
    if (totalBytes !== null) parts.push(`${Math.ceil((totalBytes - doneBytes) / bytesPerSecond)} s left`);
  }
  return `Fetching ${name}: ${parts.join(", ")}`;
}

const EFFECTS = {
  generator: "answers are quoted sentences until it is there",
  embedder: "search goes by words only until it is there",
} as const;

export const describeMissing = (model: ModelStatus): string =>
  `The model ${model.name} is not available${model.detail === null ? "" : ` (${model.detail})`}: ${EFFECTS[model.role]}.`;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
