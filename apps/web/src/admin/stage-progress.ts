/** How far a document is, from its stage records: the stage under way and a share in [0,1] of the whole. */
import { STAGES, type DocumentResponse, type Stage } from "@lorekeep/core";

/** Shares of the whole by experience: embedding is most of the work. */
const WEIGHTS: Record<Stage, number> = { parse: 0.2, chunk: 0.05, embed: 0.65, store: 0.05, index: 0.05 };

export function progressOf(document: Pick<DocumentResponse, "status" | "stages">): {
  stage: Stage | null;
  value: number | null;
} {
  if (document.status === "ready") return { stage: null, value: 1 };
  if (document.status === "queued" || document.stages.length === 0) return { stage: null, value: null };
  let value = 0;
  let stage: Stage | null = null;
  for (const name of STAGES) {
    const record = document.stages.findLast((item) => item.name === name);
    if (record === undefined) continue;
    if (record.durationMs !== null) value += WEIGHTS[name];
    else {
      stage = name;
      if (record.total !== null && record.total > 0) value += WEIGHTS[name] * Math.min(1, record.done / record.total);
    }
  }
  return { stage: stage ?? document.stages.at(-1)?.name ?? null, value };
}
