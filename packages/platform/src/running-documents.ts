/** Runs over documents in this process, so that deleting or replacing a document ends the run over it at once. */
import type { DocumentId } from "@lorekeep/core";

export interface RunningDocuments {
  /** Ends runs over this document; they find out by themselves that it is gone. */
  readonly stop: (id: DocumentId) => void;
  /** The signal of one run: fires with `outer`, or when the document goes. */
  track<Value>(id: DocumentId, outer: AbortSignal, run: (signal: AbortSignal) => Promise<Value>): Promise<Value>;
}

export function runningDocuments(): RunningDocuments {
  const controllers = new Map<DocumentId, Set<AbortController>>();
  return {
    stop: (id) => {
      for (const controller of controllers.get(id) ?? []) controller.abort();
    },
    track: async (id, outer, run) => {
      const controller = new AbortController();
      const all = controllers.get(id) ?? new Set();
      controllers.set(id, all.add(controller));
      try {
        return await run(AbortSignal.any([outer, controller.signal]));
      } finally {
        all.delete(controller);
        if (all.size === 0) controllers.delete(id);
      }
    },
  };
}
