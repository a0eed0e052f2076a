/**
 * Lets searches of this process see what other processes have written: an index applies the changes of its own process when
 * told to, so before a search its last applied change is compared with the rows' last change (one indexed row).
 *
 * A search waits for the catching-up only briefly; past that it answers with what is there, and rows that are gone are left
 * out when passages are loaded.
 */
import { AppError } from "@lorekeep/core";
import type { GenerationId, VectorIndex, VectorSource } from "@lorekeep/core";
import { pause } from "./wake-ups.ts";

const PATIENCE_MS = 300;

export function keepFresh(index: VectorIndex, source: Pick<VectorSource, "lastChange">): VectorIndex {
  const applied = new Map<GenerationId, number>();
  const refreshing = new Map<GenerationId, Promise<unknown>>();

  const refresh: VectorIndex["refresh"] = async (generationId) => {
    const status = await index.refresh(generationId).catch(async (error: unknown) => {
      if (!(error instanceof AppError) || error.code !== "index_corrupt") throw error;
      // The journal was trimmed by another process beyond what this index had applied: read the rows anew.
      await index.drop(generationId);
      return index.refresh(generationId);
    });
    applied.set(generationId, status.appliedChange);
    return status;
  };
  const catchUp = (generationId: GenerationId): Promise<unknown> => {
    const running = refreshing.get(generationId);
    if (running) return running;
    const started = refresh(generationId).finally(() => refreshing.delete(generationId));
    refreshing.set(generationId, started);
    // A search that did not wait for it does not see it fail; the next one tries again.
    started.catch(() => undefined);
    return started;
  };

  return {
    ...index,
    refresh,
    search: async (request) => {
      const { generationId } = request;
      const isOpen = applied.has(generationId);
      if (applied.get(generationId) !== (await source.lastChange(generationId))) {
        const caughtUp = catchUp(generationId);
        // The first time there is nothing to answer with yet.
        await (isOpen ? Promise.race([caughtUp, pause(PATIENCE_MS)]) : caughtUp);
      }
      return index.search(request);
    },
    compact: async (generationId, options) => {
      const status = await index.compact(generationId, options);
      applied.set(generationId, status.appliedChange);
      return status;
    },
    drop: async (generationId) => {
      applied.delete(generationId);
      await index.drop(generationId);
    },
  };
}
