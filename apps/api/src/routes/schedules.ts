import { jobSchema, putScheduleSchema, scheduleSchema } from "@lorekeep/core";
import { describeJob } from "../describe-job.ts";
import { defineRoute } from "../route.ts";

export const scheduleRoutes = [
  defineRoute({
    method: "get",
    path: "/api/v1/schedules/reindex",
    access: ["admin"],
    summary: "When the nightly re-index runs, and the report of the last run.",
    reply: { status: 200, schema: scheduleSchema },
    handle: ({ platform }) => platform.operations.schedule(),
  }),
  defineRoute({
    method: "put",
    path: "/api/v1/schedules/reindex",
    access: ["admin"],
    summary: "Sets the nightly re-index; takes effect at once.",
    body: putScheduleSchema,
    reply: { status: 200, schema: scheduleSchema },
    handle: async ({ platform, actor, body }) => {
      const schedule = await platform.operations.putSchedule(body);
      await platform.store.audit.record({ actor: actor.id, action: "schedule.changed", detail: { ...body } });
      return schedule;
    },
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/reindex",
    access: ["admin"],
    summary: "Runs the re-index now: reads watched folders, verifies and compacts.",
    reply: { status: 202, schema: jobSchema },
    handle: async ({ platform, services, actor }) =>
      describeJob(platform, await platform.operations.reindex(actor), services.now()),
  }),
];
