import { afterAll, beforeAll, expect, test } from "vitest";
import { jobListSchema, problemSchema, scheduleSchema, type JobResponse } from "@lorekeep/core";
import { startTestServer, type TestServer } from "../testing/start-test-server.ts";

let house: TestServer;
beforeAll(async () => {
  house = await startTestServer();
});
afterAll(() => house[Symbol.asyncDispose]());

async function listJobs(query = ""): Promise<JobResponse[]> {
  return jobListSchema.parse(await (await house.call("GET", `/api/v1/jobs${query}`)).json()).items;
}
const kinds = (jobs: JobResponse[]) => jobs.map((job) => `${job.kind} ${job.status}`);

test("jobs whose time has not come are delayed, and the next nightly run is shown as scheduled", async () => {
  const { queue } = house.platform;
  await queue.enqueue("ingest-document", { documentId: "doc_x", name: "a.pdf" });
  await queue.enqueue("delete-purge", {}, { runAt: new Date("2999-01-01") });
  const all = await listJobs();
  expect(kinds(all)).toEqual(["reindex scheduled", "ingest-document queued", "delete-purge delayed"]);
  expect(all[1]!.subject).toEqual({ documentId: "doc_x", name: "a.pdf" });
  expect(kinds(await listJobs("?status=delayed"))).toEqual(["delete-purge delayed"]);
  expect(kinds(await listJobs("?status=queued"))).toEqual(["ingest-document queued"]);
  expect(kinds(await listJobs("?status=scheduled,queued"))).toEqual(["reindex scheduled", "ingest-document queued"]);
  expect(kinds(await listJobs("?kind=reindex"))).toEqual(["reindex scheduled"]);
  expect((await house.call("GET", "/api/v1/jobs?status=nonsense")).status).toBe(400);
});

test("one job can be read, cancelled and put back; the scheduled run only read", async () => {
  const [scheduled, queued] = await listJobs();
  expect(await (await house.call("GET", `/api/v1/jobs/${queued!.id}`)).json()).toMatchObject({ status: "queued" });
  const cancelled = await house.call("POST", `/api/v1/jobs/${queued!.id}:cancel`);
  expect(await cancelled.json()).toMatchObject({ status: "cancelled" });
  const again = await house.call("POST", `/api/v1/jobs/${queued!.id}:retry`);
  expect(await again.json()).toMatchObject({ status: "queued" });
  const path = `/api/v1/jobs/${encodeURIComponent(scheduled!.id)}`;
  expect(await (await house.call("GET", path)).json()).toMatchObject({ status: "scheduled" });
  expect(problemSchema.parse(await (await house.call("POST", `${path}:cancel`)).json()).code).toBe("conflict");
});

test("the schedule is read and set; nonsense is refused; switched off, no run is shown", async () => {
  const put = (json: unknown) => house.call("PUT", "/api/v1/schedules/reindex", { json });
  const read = async () => scheduleSchema.parse(await (await house.call("GET", "/api/v1/schedules/reindex")).json());
  expect(await read()).toMatchObject({ cron: "0 2 * * *", enabled: true });
  expect((await put({ cron: "nonsense", timezone: "UTC", enabled: true })).status).toBe(400);
  expect((await put({ cron: "0 3 * * *" })).status).toBe(400);
  expect((await put({ cron: "30 4 * * *", timezone: "Europe/Berlin", enabled: false })).status).toBe(200);
  expect(await read()).toMatchObject({ cron: "30 4 * * *", timezone: "Europe/Berlin", enabled: false });
  expect(kinds(await listJobs())).not.toContain("reindex scheduled");
  const run = await house.call("POST", "/api/v1/reindex");
  expect([run.status, await run.json()]).toMatchObject([202, { kind: "reindex" }]);
});

test("a model of the catalogue is fetched in the background; others do not exist", async () => {
  const pull = await house.call("POST", "/api/v1/models/fake:pull");
  expect([pull.status, await pull.json()]).toMatchObject([202, { name: "fake", state: "ready" }]);
  expect((await house.call("POST", `/api/v1/models/${encodeURIComponent("../x")}:pull`)).status).toBe(404);
});

test("whoever did something is in the audit log", async () => {
  const response = await house.call("GET", "/api/v1/audit?limit=200");
  const text = await response.text();
  expect(response.status).toBe(200);
  for (const action of ["job.cancelled", "schedule.changed", "model.pulled"]) expect(text).toContain(action);
});

test("metrics are for programs on this machine and for administrators", async () => {
  const ask = (headers: Record<string, string>, key: string | null = null) =>
    house.call("GET", "/metrics", { key, headers });
  const local = await ask({});
  expect([local.status, await local.text()]).toEqual([200, "lorekeep_up 1\n"]);
  expect(local.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect((await ask({ "x-forwarded-for": "203.0.113.1" })).status).toBe(401);
  expect((await ask({ "x-forwarded-for": "203.0.113.1" }, await house.makeKey(["admin"]))).status).toBe(200);
  expect((await ask({ "x-forwarded-for": "203.0.113.1" }, await house.makeKey(["search"]))).status).toBe(403);
});
