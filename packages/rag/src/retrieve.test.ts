import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AppError } from "@lorekeep/core";
import type { Collection } from "@lorekeep/core";
import { retrieve } from "./retrieve.ts";
import type { RetrieveRequest } from "./retrieve.ts";
import { hashEmbedder } from "@lorekeep/core/testing";
import { openTestHouse } from "./testing/house.ts";
import type { TestHouse } from "./testing/house.ts";

let house: TestHouse;
let handbook: Collection;
const small = hashEmbedder({ name: "hash-64" });
const large = hashEmbedder({ name: "hash-96", dimensions: 96 });

beforeEach(async () => {
  house = await openTestHouse({ embedders: [small, large] });
  handbook = await house.makeCollection("handbook", small);
});
afterEach(() => house.close());

const ask = (query: string, options: Partial<RetrieveRequest> = {}) =>
  retrieve({ query, collections: [handbook], limit: 5, ...options }, house.answerDeps);
const add = (
  name: string,
  text: string,
  more: { externalId?: string; metadata?: Record<string, string | string[]> } = {},
) => house.add({ collection: handbook, name, text, mediaType: "text/plain", ...more });

describe("both arms", () => {
  test("a passage's scores tell what each arm thought of it", async () => {
    await add("a.txt", "The Kestrel pump moves forty litres a minute.");
    await add("b.txt", "Invoices are paid on Fridays.");
    const { passages, plan, timings } = await ask("How many litres does the Kestrel pump move?");
    expect(passages[0]?.documentName).toBe("a.txt");
    expect(passages[0]?.scores.dense).toBeGreaterThan(0);
    expect(passages[0]?.scores.lexical).toBeGreaterThan(0);
    expect(passages[0]?.scores.fused).toBeLessThanOrEqual(1);
    expect(plan).toMatchObject({ mode: "hybrid", admittedCount: null, goneCount: 0 });
    expect(plan.dense).toEqual([
      { generationId: handbook.generationId, embedder: "hash-64", plan: "exact", hitCount: 2 },
    ]);
    expect(timings.totalMs).toBeGreaterThanOrEqual(0);
  });

  test("G1: what was said before orders what a follow-up finds", async () => {
    await add("pump.txt", "The pump: cost 40.");
    await add("kiln.txt", "The kiln: cost 90.");
    const first = async (background?: string) =>
      (await ask("What does it cost?", { mode: "lexical", background })).passages[0]?.documentName;
    expect(await first()).toBe("pump.txt");
    expect(await first("The kiln burns clay.")).toBe("kiln.txt");
  });

  test("each mode uses its own arm only", async () => {
    await add("a.txt", "The Kestrel pump hums.");
    const lexical = await ask("Kestrel pump", { mode: "lexical" });
    expect(lexical.passages[0]?.scores.dense).toBeNull();
    expect(lexical.plan.dense).toEqual([]);
    const dense = await ask("Kestrel pump", { mode: "dense" });
    expect(dense.passages[0]?.scores.lexical).toBeNull();
    expect(dense.plan.lexicalHitCount).toBeNull();
    expect(dense.passages[0]?.scores.fused).toBe(dense.passages[0]?.scores.dense);
  });

  test("E1: exact identifiers and surnames rank first, although the dense arm prefers others", async () => {
    await add("close.txt", "What does the error mean when the pump reports an error? The error means pump trouble.");
    await add("other.txt", "ERR-4712 means that the pump overheats.");
    await add("exact.txt", "Code ERR-4711: low intake.");
    await add("person.txt", "Spare parts are ordered through Anna Kowalczyk on weekdays before noon.");
    expect((await ask("ERR-4711")).passages[0]?.documentName).toBe("exact.txt");
    expect((await ask("What does the pump error ERR-4711 mean?")).passages[0]?.documentName).toBe("exact.txt");
    expect((await ask("Kowalczyk")).passages[0]?.documentName).toBe("person.txt");
  });

  test("E2: Chinese and mixed keyword queries hit", async () => {
    await add("zh.txt", "每天凌晨运行GitHub备份脚本，失败时发邮件。");
    await add("noise.txt", "水泵每年保养一次。");
    for (const query of ["GitHub备份脚本", "备份脚本什么时候运行？", "脚本"])
      expect((await ask(query, { mode: "lexical" })).passages[0]?.documentName).toBe("zh.txt");
  });
});

describe("filters", () => {
  test("E5: a filter that admits few rows still fills the result", async () => {
    for (let n = 0; n < 60; n++) await add(`noise${n}.txt`, `The pump report ${n} praises the pump and the pump crew.`);
    for (let n = 0; n < 5; n++)
      await add(`tagged${n}.txt`, `A note of ${n} on hoses, where the pump is named once.`, {
        metadata: { tags: ["hoses"] },
      });
    for (const mode of ["hybrid", "dense", "lexical"] as const) {
      const { passages, plan } = await ask("pump", { mode, filter: { tags: ["hoses"] } });
      expect(passages.map(({ documentName }) => documentName).sort()).toEqual(
        [0, 1, 2, 3, 4].map((n) => `tagged${n}.txt`),
      );
      expect(plan.admittedCount).toBe(5);
    }
  });

  test("E5: a filter that admits nothing finds nothing, and neither arm is asked", async () => {
    await add("a.txt", "The pump hums.");
    const { passages, plan } = await ask("pump", { filter: { tags: ["none"] } });
    expect(passages).toEqual([]);
    expect(plan).toMatchObject({ admittedCount: 0, dense: [] });
  });
});

describe("several collections", () => {
  test("each is searched with its own embedder, and the results are one list", async () => {
    const other = await house.makeCollection("office", large);
    await add("pump.txt", "The Kestrel pump moves forty litres.");
    await house.add({
      collection: other,
      name: "lease.txt",
      text: "The lease of the pump hall ends in May.",
      mediaType: "text/plain",
    });
    const { passages, plan } = await ask("Kestrel pump lease", { collections: [handbook, other] });
    expect(passages.map(({ documentName }) => documentName).sort()).toEqual(["lease.txt", "pump.txt"]);
    expect(plan.dense.map(({ embedder, hitCount }) => [embedder, hitCount])).toEqual([
      ["hash-64", 1],
      ["hash-96", 1],
    ]);
  });

  test("no collection gives no passage", async () => {
    expect((await ask("pump", { collections: [] })).passages).toEqual([]);
  });
});

describe("when a model is missing", () => {
  const without = (house: TestHouse) => ({
    ...house.answerDeps,
    embedderFor: async () => Promise.reject(new AppError("model_missing", "There is no embedder.")),
  });

  test("the keyword arm answers alone and the plan says so", async () => {
    await add("a.txt", "The Kestrel pump hums.");
    const found = await retrieve({ query: "Kestrel", collections: [handbook], limit: 5 }, without(house));
    expect(found.passages).toHaveLength(1);
    expect(found.plan.dense).toMatchObject([{ hitCount: 0, skipped: "model_missing" }]);
  });

  test("a dense search says that it cannot", async () => {
    const search = retrieve({ query: "Kestrel", collections: [handbook], limit: 5, mode: "dense" }, without(house));
    await expect(search).rejects.toMatchObject({ code: "model_missing" });
  });

  test("B4: a generation is never searched with another model's vector, even of the same size", async () => {
    await add("a.txt", "The Kestrel pump hums.");
    const changed = hashEmbedder({ name: "hash-64", fingerprint: "hash-64@2" });
    const found = await retrieve(
      { query: "Kestrel", collections: [handbook], limit: 5 },
      { ...house.answerDeps, embedderFor: async () => changed },
    );
    expect(found.plan.dense).toMatchObject([{ hitCount: 0, skipped: "embedder_changed" }]);
    expect(found.passages[0]?.scores.dense).toBeNull();
  });

  test("an error that is not the model's is not swallowed", async () => {
    const deps = { ...house.answerDeps, embedderFor: async () => Promise.reject(new TypeError("bug")) };
    await expect(retrieve({ query: "x", collections: [handbook], limit: 5 }, deps)).rejects.toThrow(TypeError);
  });
});

test("A1: a document deleted between search and reading does not shorten the result", async () => {
  const documents = [];
  for (let n = 0; n < 8; n++) documents.push(await add(`${n}.txt`, `Pump note ${n}: the pump hums.`));
  const before = (await ask("pump hums")).passages;
  const { passages, plan } = await retrieve(
    { query: "pump hums", collections: [handbook], limit: 5 },
    {
      ...house.answerDeps,
      passages: {
        ...house.store.passages,
        load: async (seqs) => {
          await house.store.documents.delete(before[0]!.documentId);
          return house.store.passages.load(seqs);
        },
      },
    },
  );
  expect(passages).toHaveLength(5);
  expect(passages.map(({ documentId }) => documentId)).not.toContain(before[0]!.documentId);
  expect(plan.goneCount).toBe(1);
});

test("a stopped search throws aborted", async () => {
  await add("a.txt", "The pump hums.");
  await expect(ask("pump", { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
});

test("a question longer than the embedder reads is cut, keeping its end", async () => {
  const tiny = hashEmbedder({ name: "hash-64", maxTokens: 20 });
  await add("a.txt", "The Kestrel pump hums.");
  const query = `${"Some words about the weather today. ".repeat(30)}Which Kestrel pump hums?`;
  const { plan } = await retrieve(
    { query, collections: [handbook], limit: 5 },
    { ...house.answerDeps, embedderFor: async () => tiny },
  );
  expect(plan.dense[0]?.hitCount).toBe(1);
});
