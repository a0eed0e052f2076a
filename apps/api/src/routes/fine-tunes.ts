/** A fine-tune is a job with a recipe and a loss curve: estimated, started, watched, paused, cancelled. */
import {
  autoTrainSchema,
  autoTrainStateSchema,
  createFineTuneSchema,
  fineTuneEstimateSchema,
  fineTuneEventSchema,
  fineTuneListSchema,
  fineTuneSchema,
  pageQuerySchema,
  trainOnFeedbackSchema,
  type FineTune,
  type FineTuneId,
} from "@lorekeep/core";
import type { Actor, Adaptation } from "@lorekeep/platform";
import { requireId } from "../ids.ts";
import { defineRoute, type Route } from "../route.ts";
import { streamChanges } from "../stream-changes.ts";

const VERBS = [
  ["cancel", "Stops a fine-tune for good.", "cancelFineTune"],
  ["pause", "Stops a fine-tune at a checkpoint; `:resume` goes on from there.", "pauseFineTune"],
  ["resume", "Goes on from the last checkpoint.", "resumeFineTune"],
] as const satisfies readonly (readonly [string, string, keyof Adaptation])[];

function verbRoute([verb, summary, method]: (typeof VERBS)[number]): Route {
  return defineRoute({
    method: "post",
    path: `/api/v1/fine-tunes/{id}:${verb}`,
    access: ["admin"],
    summary,
    reply: { status: 200, schema: fineTuneSchema },
    handle: ({ platform, actor, params }) => platform.adaptation[method](actor, requireId("fineTune", params.id)),
  });
}

const ENDED: ReadonlySet<FineTune["status"]> = new Set(["succeeded", "failed", "cancelled", "rejected"]);

/** The state now, then each change until the end. Watching begins before the state is read, so that no change falls between. */
async function* changesOf(adaptation: Adaptation, actor: Actor, id: FineTuneId, signal: AbortSignal) {
  const enough = new AbortController();
  const watched = adaptation.watchFineTune(actor, id, AbortSignal.any([signal, enough.signal]))[Symbol.asyncIterator]();
  const pending = watched.next();
  pending.catch(() => undefined); // heard below, unless reading the state fails first
  try {
    const first = await adaptation.fineTune(actor, id);
    yield first;
    if (ENDED.has(first.status)) return;
    for (let next = await pending; next.done !== true; next = await watched.next()) {
      yield next.value;
      if (ENDED.has(next.value.status)) return;
    }
  } finally {
    // Not awaited: a generator that waits for its next change ends when it sees the signal.
    enough.abort();
    watched.return?.().catch(() => undefined);
  }
}

const feedbackRoutes = [
  defineRoute({
    method: "post",
    path: "/api/v1/fine-tunes:from-feedback",
    access: ["admin"],
    summary: "Takes new ratings and corrections of a collection into a dataset, and trains on it.",
    body: trainOnFeedbackSchema,
    reply: { status: 202, schema: fineTuneSchema },
    handle: ({ platform, actor, body }) => platform.adaptation.trainOnFeedback(actor, body),
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/schedules/training",
    access: ["admin"],
    summary: "Whether the nightly run trains by itself, and the ratings and corrections that no training has seen.",
    reply: { status: 200, schema: autoTrainStateSchema },
    handle: ({ platform, actor }) => platform.adaptation.autoTrain(actor),
  }),
  defineRoute({
    method: "put",
    path: "/api/v1/schedules/training",
    access: ["admin"],
    summary: "Lets the nightly run train by itself, or not.",
    body: autoTrainSchema,
    reply: { status: 200, schema: autoTrainStateSchema },
    handle: ({ platform, actor, body }) => platform.adaptation.putAutoTrain(actor, body),
  }),
];

export const fineTuneRoutes = [
  defineRoute({
    method: "post",
    path: "/api/v1/fine-tunes",
    access: ["admin"],
    summary: "Starts a fine-tune on a dataset (id or name).",
    body: createFineTuneSchema,
    reply: { status: 202, schema: fineTuneSchema },
    handle: ({ platform, actor, body }) => platform.adaptation.startFineTune(actor, body),
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/fine-tunes:estimate",
    access: ["admin"],
    summary: "What such a fine-tune would take on this machine: time, memory, disk.",
    body: createFineTuneSchema,
    reply: { status: 200, schema: fineTuneEstimateSchema },
    handle: ({ platform, actor, body }) => platform.adaptation.estimate(actor, body),
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/fine-tunes",
    access: ["admin"],
    summary: "Fine-tunes, newest first.",
    query: pageQuerySchema,
    reply: { status: 200, schema: fineTuneListSchema },
    handle: ({ platform, actor, query }) => platform.adaptation.fineTunes(actor, query),
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/fine-tunes/{id}",
    access: ["admin"],
    summary: "One fine-tune: status, loss curve, speed, gate report.",
    reply: { status: 200, schema: fineTuneSchema },
    handle: ({ platform, actor, params }) => platform.adaptation.fineTune(actor, requireId("fineTune", params.id)),
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/fine-tunes/{id}/events",
    access: ["admin"],
    summary: "The fine-tune each time it changes, as server-sent events; ends when it has ended.",
    reply: { status: 200, mediaType: "text/event-stream", schema: fineTuneEventSchema },
    handle: async ({ platform, services, actor, params, response, signal, logger }) => {
      const done = AbortSignal.any([signal, services.closing]);
      const changes = changesOf(platform.adaptation, actor, requireId("fineTune", params.id), done);
      const describe = (fineTune: FineTune) => fineTuneEventSchema.parse({ type: "fine-tune", fineTune });
      await streamChanges({ changes, describe, response, signal: done, logger });
    },
  }),
  ...VERBS.map(verbRoute),
  ...feedbackRoutes,
];
