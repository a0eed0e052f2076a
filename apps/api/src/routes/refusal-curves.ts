/** What a collection's refusal threshold does: the curve of right and wrong refusals, and measuring it anew. */
import { refusalCurveStateSchema } from "@lorekeep/core";
import type { RefusalCurveState } from "@lorekeep/core";
import type { Platform } from "@lorekeep/platform";
import { describeJob } from "../describe-job.ts";
import { defineRoute } from "../route.ts";

type View = Awaited<ReturnType<Platform["refusalCurves"]["state"]>>;

async function describe(platform: Platform, view: View, now: Date): Promise<RefusalCurveState> {
  return { ...view, job: view.job === null ? null : await describeJob(platform, view.job, now) };
}

export const refusalCurveRoutes = [
  defineRoute({
    method: "get",
    path: "/api/v1/collections/{id}/refusal-curve",
    access: ["admin"],
    summary:
      "Right and wrong refusals at every threshold, measured with questions of the collection; and whether it is stale.",
    reply: { status: 200, schema: refusalCurveStateSchema },
    handle: async ({ platform, services, actor, params }) =>
      describe(platform, await platform.refusalCurves.state(actor, params.id), services.now()),
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/collections/{id}/refusal-curve",
    access: ["admin"],
    summary: "Measures the curve in the background; its job shows how far it is and can be cancelled.",
    reply: { status: 202, schema: refusalCurveStateSchema },
    handle: async ({ platform, services, actor, params }) =>
      describe(platform, await platform.refusalCurves.make(actor, params.id), services.now()),
  }),
];
