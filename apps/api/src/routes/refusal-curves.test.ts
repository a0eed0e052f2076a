import { facetsSchema, problemSchema, refusalCurveStateSchema, type CollectionId } from "@lorekeep/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../testing/start-test-server.ts";

let house: TestServer;
beforeAll(async () => {
  house = await startTestServer();
  for (const name of ["One", "Two"]) await house.call("POST", "/api/v1/collections", { json: { name } });
});
afterAll(() => house[Symbol.asyncDispose]());

const idOf = async (name: string): Promise<string> =>
  ((await (await house.call("GET", `/api/v1/collections/${name}`)).json()) as { id: string }).id;

test("a collection without a curve says so, and measuring answers with its job", async () => {
  const found = await house.call("GET", "/api/v1/collections/One/refusal-curve");
  expect(refusalCurveStateSchema.parse(await found.json())).toMatchObject({ curve: null, stale: null, job: null });
  const made = await house.call("POST", "/api/v1/collections/One/refusal-curve");
  expect(made.status).toBe(202);
  expect(refusalCurveStateSchema.parse(await made.json()).job).toMatchObject({
    kind: "refusal-curve",
    status: "queued",
  });
  expect((await house.call("GET", "/api/v1/collections/Nowhere/refusal-curve")).status).toBe(404);
});

test("facets count in the collections that the key may read, under the filter that is given", async () => {
  const facets = async (query: string, key?: string) => {
    const response = await house.call("GET", `/api/v1/documents/facets${query}`, key === undefined ? {} : { key });
    return response.ok ? facetsSchema.parse(await response.json()) : problemSchema.parse(await response.json());
  };
  expect(await facets("")).toMatchObject({ admitted: 2, documents: 2 });
  expect(await facets("?collections=One")).toMatchObject({ documents: 1 });
  expect(await facets(`?filter=${encodeURIComponent('{"tags":["x"]}')}`)).toMatchObject({ admitted: 0 });
  expect(await facets("?timeZone=Asia/Shanghai")).toMatchObject({ documents: 2 });
  expect(await facets("?timeZone=Nowhere/Land")).toMatchObject({ code: "request_invalid" });
  expect(await facets("?filter=nonsense")).toMatchObject({ code: "request_invalid" });
  expect(await facets(`?filter=${encodeURIComponent('{"colour":1}')}`)).toMatchObject({ code: "request_invalid" });
  const key = await house.makeKey(["search"], { collectionIds: [(await idOf("One")) as CollectionId] });
  expect(await facets("", key)).toMatchObject({ documents: 1 });
  expect(await facets("?collections=Two", key)).toMatchObject({ code: "not_found" });
});
