import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Collection } from "@lorekeep/core";
import { KEYWORD_LIMITS, openKeywordSearch } from "./keyword-search.ts";
import { migrate } from "./migrate.ts";
import { openDatabase } from "./open-database.ts";
import type { OpenedStore } from "./open-store.ts";
import { queryTerms } from "./keyword-query.ts";
import { addDocument, findTexts, makeCollection, MIGRATIONS, openTestStore } from "./testing/seed-store.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let store: OpenedStore;
let collection: Collection;
beforeEach(async () => {
  store = openTestStore();
  collection = await makeCollection(store);
});
afterEach(() => store.close());

const find = (query: string, limit?: number) => findTexts(store, collection, query, limit);

describe("keyword search", () => {
  test("E1 an exact identifier ranks first among its likes", async () => {
    const texts = Array.from(
      { length: 40 },
      (_, at) => `Error ERR-${4700 + at} means that pump ${4700 + at + 7} failed.`,
    );
    await addDocument(store, collection, { name: "errors.txt", texts });
    for (const query of ["ERR-4711", "what is err4711?", "ERR 4711 error"])
      expect((await find(query))[0]).toContain("ERR-4711 ");
  });

  test("E1 part numbers, versions and surnames rank first", async () => {
    const texts = [
      "Part X-200/B fits model 7.",
      "Part X-201/B fits model 8.",
      "Release v1.2.3 fixed it.",
      "Release v1.3.2 broke it.",
      "Asked by Ms Kowalczyk.",
    ];
    await addDocument(store, collection, { name: "parts.txt", texts });
    expect((await find("X-200/B"))[0]).toBe(texts[0]);
    expect((await find("1.2.3"))[0]).toBe(texts[2]);
    expect((await find("v1.3"))[0]).toBe(texts[3]);
    expect((await find("kowalczyk"))[0]).toBe(texts[4]);
  });

  test.each([
    ["English", "How much does it cost?", ["The pump: cost 40.", "The kiln: cost 90."], "The kiln burns clay."],
    ["Chinese", "价格多少", ["水泵：价格四十。", "窑炉：价格九十。"], "窑炉烧制陶土。"],
  ])(
    "what was said before orders what the query finds and finds nothing itself, in %s",
    async (_, query, texts, said) => {
      await addDocument(store, collection, { name: "list.txt", texts: [...texts, said] });
      const search = async (background?: string) => {
        const generationIds = [collection.generationId];
        const hits = await store.passages.keywordSearch({ generationIds, query, background, limit: 5 });
        return (await store.passages.load(hits.map(({ seq }) => seq))).map(({ text }) => text);
      };
      expect(await search()).toEqual(texts);
      expect(await search(said)).toEqual([texts[1], texts[0]]);
    },
  );

  test("E2 Chinese, Japanese, Korean, Thai and mixed queries hit", async () => {
    const texts = [
      "如何使用GitHub备份脚本保存数据",
      "データベースの復元手順",
      "데이터베이스 복원 방법",
      "วิธีกู้คืนฐานข้อมูล",
      "The weather was fine.",
    ];
    await addDocument(store, collection, { name: "mixed.txt", texts });
    expect(await find("GitHub备份脚本")).toEqual([texts[0]]);
    expect(await find("复原备份的办法")).toEqual([texts[0]]);
    expect(await find("データ復元")).toEqual([texts[1]]);
    expect(await find("복원")).toEqual([texts[2]]);
    expect(await find("ฐานข้อมูล")).toEqual([texts[3]]);
    expect(await find("备")).toEqual([texts[0]]);
  });

  test("E4 stays correct after updates and deletions", async () => {
    await addDocument(store, collection, { name: "a.txt", texts: ["old wording", "kept wording"] });
    await addDocument(store, collection, { name: "a.txt", texts: ["new wording", "kept wording"] });
    expect((await find("wording")).sort()).toEqual(["kept wording", "new wording"]);
    expect(await find("old")).toEqual([]);
    const { items } = await store.documents.list({ limit: 1 });
    await store.documents.delete(items[0]!.id);
    expect(await find("wording")).toEqual([]);
  });

  test("E5 the filter is applied before top-k", async () => {
    for (let at = 0; at < 30; at++)
      await addDocument(store, collection, {
        name: `${at}.txt`,
        texts: [at < 3 ? "pump and much else besides about other matters" : "pump pump pump"],
        metadata: { tags: at < 3 ? ["rare"] : [] },
      });
    const generationIds = [collection.generationId];
    const allow = await store.passages.matchFilter(generationIds, { tags: ["rare"] });
    const hits = await store.passages.keywordSearch({ generationIds, query: "pump", limit: 3, allow });
    expect(hits.map(({ seq }) => seq).sort()).toEqual([...allow]);
    const none = await store.passages.keywordSearch({
      generationIds,
      query: "pump",
      limit: 3,
      allow: new Uint32Array(),
    });
    expect(none).toEqual([]);
  });

  test("other collections neither answer nor change the order", async () => {
    const other = await makeCollection(store, "Other");
    await addDocument(store, collection, { name: "a.txt", texts: ["blue pump", "red pump", "blue valve blue"] });
    const alone = await find("blue pump");
    for (let at = 0; at < 20; at++)
      await addDocument(store, other, { name: `${at}`, texts: [`blue number ${at}`, `blue ${at}`] });
    expect(await find("blue pump")).toEqual(alone);
    const both = { generationIds: [collection.generationId, other.generationId], query: "blue", limit: 100 };
    expect(await store.passages.keywordSearch(both)).toHaveLength(42);
    await store.collections.delete(other.id);
    expect(await store.passages.keywordSearch(both)).toHaveLength(2);
  });

  test("a word that is everywhere still finds, and rare words decide", async () => {
    await addDocument(store, collection, { name: "a.txt", texts: ["pump one", "pump two", "pump three"] });
    expect(await find("pump")).toHaveLength(3);
    expect((await find("pump two"))[0]).toBe("pump two");
    const hits = await store.passages.keywordSearch({
      generationIds: [collection.generationId],
      query: "pump",
      limit: 9,
    });
    expect(hits.every(({ score }) => score > 0)).toBe(true);
  });

  test("the title, the file name and headings are searched", async () => {
    await addDocument(store, collection, {
      name: "warranty-2024.pdf",
      title: "Guarantees",
      texts: ["Nothing"],
      headings: ["Returns"],
    });
    for (const query of ["warranty", "guarantee", "returns"]) expect(await find(query)).toEqual(["Nothing"]);
  });

  test.each([
    '"',
    '"""',
    "*",
    "pump*",
    "NEAR(pump, 5)",
    "-pump",
    "+pump",
    "^pump",
    "text:pump",
    "{title text}: pump",
    "pump AND",
    "OR",
    "NOT pump",
    "(pump",
    "pump)",
    "'; DROP TABLE chunks; --",
    "g_1",
    "scope:g_1",
    "\0pump",
    "pump\0",
    "\ud800pump",
    "pump -- x",
    "pump:",
    "a^2",
  ])("S12 %j is text and never an operator", async (query) => {
    await addDocument(store, collection, { name: "a.txt", texts: ["pump", "valve"] });
    const found = await find(query);
    expect(found.every((text) => query.includes(text))).toBe(true);
  });

  test("S12 no text whatever makes a search fail", async () => {
    await addDocument(store, collection, { name: "a.txt", texts: ["pump AND valve", "备份"] });
    const piece = fc.constantFrom(
      '"',
      "*",
      "NEAR",
      "(",
      ")",
      "-",
      "AND",
      "OR",
      "NOT",
      "text:",
      "pump",
      "备份",
      " ",
      "^",
      "{",
      "}",
      "\0",
    );
    const texts = fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.array(piece, { maxLength: 12 }).map((parts) => parts.join("")),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (query) => {
        await find(query);
      }),
      { seed: 4, numRuns: 300 },
    );
  });
});

describe("query terms", () => {
  test("leave stop words out unless nothing else is left", () => {
    expect(queryTerms("What is the warranty of this pump?")).toEqual(["warranti", "pump"]);
    expect(queryTerms("what is that")).toEqual(["what", "is", "that"]);
    expect(queryTerms("保修期是多少")).toEqual(["保修", "修期", "期是", "是多"]);
  });

  test("keep names that look like stop words", () => {
    expect(queryTerms("the WHO and the US guidelines")).toEqual(["who", "us", "guidelin"]);
    expect(queryTerms("WHAT IS THE PUMP")).toEqual(["pump"]);
  });
});

/** mulberry32: whole numbers below a bound. */
function seededRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Not 1: the mean length of few candidates differs from that of many, which changes places among near ties. */
const TOP_5_SHARED = 0.85;

describe("shortcuts", () => {
  test("find what a search without them finds", async () => {
    const folder = mkdtempSync(join(tmpdir(), "store-shortcuts-"));
    const path = join(folder, "a.db");
    const filled = openTestStore({ path });
    const home = await makeCollection(filled);
    const random = seededRandom(7);
    const words = ["pump", "valve", "seal", "motor", "manual", "error", "reset", "blue", "red", "green"];
    // Common words are many and rare ones few, as in real texts.
    const texts = Array.from({ length: 400 }, (_, at) =>
      [
        ...Array.from({ length: 12 }, () => words[Math.floor(Math.sqrt(random(100)))]!),
        `rare${random(40)}`,
        `n${at}`,
      ].join(" "),
    );
    await addDocument(filled, home, { name: "a.txt", texts });
    await filled.close();

    const [one, two] = [openDatabase(path, { readonly: true }).sqlite, openDatabase(path, { readonly: true }).sqlite];
    const everything = { ...KEYWORD_LIMITS, matchBudget: Infinity, candidateCount: 400, smallCollection: Infinity };
    const exact = openKeywordSearch(one, everything);
    const quick = openKeywordSearch(two, {
      ...KEYWORD_LIMITS,
      matchBudget: 40,
      candidateCount: 40,
      smallCollection: 0,
    });
    let shared = 0;
    for (let rare = 0; rare < 40; rare++) {
      const request = { generationIds: [home.generationId], query: `error reset blue red rare${rare}x`, limit: 5 };
      const wanted = new Set(exact.search(request).map(({ seq }) => seq));
      shared += quick.search(request).filter(({ seq }) => wanted.has(seq)).length / wanted.size;
    }
    one.close();
    two.close();
    rmSync(folder, { recursive: true });
    expect(shared / 40).toBeGreaterThan(TOP_5_SHARED);
  });
});

test("an empty database finds nothing", () => {
  const connection = openDatabase(":memory:");
  migrate(connection, MIGRATIONS);
  const search = openKeywordSearch(connection.sqlite);
  expect(search.search({ generationIds: ["gen_x"], query: "pump", limit: 5 })).toEqual([]);
  expect(search.termStatistics(["gen_x"], ["pump"])).toEqual({ documentCount: 0, frequencies: new Map([["pump", 0]]) });
  connection.sqlite.close();
});

test("term statistics count chunks of the asked generations, stemmed or not", async () => {
  const other = await makeCollection(store, "Other");
  await addDocument(store, collection, { name: "a.txt", texts: ["warranty ERR-4711", "warranties", "备份"] });
  await addDocument(store, other, { name: "b.txt", texts: ["warranty"] });
  const { documentCount, frequencies } = await store.passages.termStatistics(
    [other.generationId],
    ["warranti", "warranty", "备份"],
  );
  expect(documentCount).toBe(1);
  expect([...frequencies]).toEqual([
    ["warranti", 1],
    ["warranty", 1],
    ["备份", 0],
  ]);
  const all = await store.passages.termStatistics(
    [collection.generationId, other.generationId],
    ["warranty", "err-4711"],
  );
  expect(all.documentCount).toBe(4);
  expect([...all.frequencies.values()]).toEqual([3, 1]);
});
