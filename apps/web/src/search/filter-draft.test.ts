import { filterSchema, type SearchFilter } from "@lorekeep/core";
import { expect, test } from "vitest";
import {
  conditionsOf,
  daysOf,
  isEmptyFilter,
  parseFilter,
  setBucket,
  setCondition,
  setDays,
  toggle,
  toggleMetadata,
} from "./filter-draft.ts";
import { conditionName } from "./filter-words.ts";

/** One of everything that the schema knows and the panel offers. */
function everything(): SearchFilter {
  let filter: SearchFilter = {};
  filter = toggle(toggle(filter, "tags", "pumps"), "tags", "safety");
  filter = toggle(filter, "folders", "guides/pumps");
  filter = toggle(filter, "languages", "zh");
  filter = toggle(filter, "mediaTypes", "application/pdf");
  filter = toggle(filter, "documentIds", "doc_1");
  filter = setDays(filter, { from: "2026-03-01", until: "2026-03-31" });
  filter = toggleMetadata(filter, "author", "Ann");
  filter = setCondition(filter, "year", { gte: 2020, lte: 2022 });
  return setCondition(filter, "draft", { exists: false });
}

test("every condition of the panel makes a filter that the server takes", () => {
  expect(filterSchema.parse(everything())).toEqual(everything());
  expect(everything().tags).toEqual(["pumps", "safety"]);
  expect(everything().metadata).toEqual({
    author: { in: ["Ann"] },
    year: { gte: 2020, lte: 2022 },
    draft: { exists: false },
  });
});

test("each condition can be taken back by itself, and nothing is left when all are", () => {
  const conditions = conditionsOf(everything());
  expect(conditions.map(({ kind }) => kind)).toEqual([
    ...["documentIds", "tags", "tags", "folders", "languages", "mediaTypes", "created", "value", "range", "exists"],
  ]);
  for (const { removed } of conditions) expect(conditionsOf(removed)).toHaveLength(conditions.length - 1);
  let filter = everything();
  for (let [next] = conditionsOf(filter); next !== undefined; [next] = conditionsOf(filter)) filter = next.removed;
  expect(isEmptyFilter(filter)).toBe(true);
  expect(filter).toEqual({});
});

test("a value that is chosen twice is not chosen", () => {
  expect(toggle(toggle({}, "tags", "x"), "tags", "x")).toEqual({});
  expect(toggleMetadata(toggleMetadata({}, "author", "Ann"), "author", "Ann")).toEqual({});
  expect(toggleMetadata({ metadata: { author: "Ann" } }, "author", "Bo").metadata).toEqual({
    author: { in: ["Ann", "Bo"] },
  });
  expect(toggleMetadata({ metadata: { draft: true } }, "draft", true)).toEqual({});
});

test("days are the reader's own, first and last included, and come back as they were chosen", () => {
  const filter = setDays({ tags: ["x"] }, { from: "2026-03-01", until: "2026-03-31" });
  const inside = (time: Date) => {
    const at = time.toISOString();
    return at > filter.createdAfter! && at < filter.createdBefore!;
  };
  expect(inside(new Date(2026, 2, 1, 0, 0, 0, 0))).toBe(true);
  expect(inside(new Date(2026, 2, 31, 23, 59, 59, 999))).toBe(true);
  expect(inside(new Date(2026, 1, 28, 23, 59, 59, 999))).toBe(false);
  expect(inside(new Date(2026, 3, 1))).toBe(false);
  expect(daysOf(filter)).toEqual({ from: "2026-03-01", until: "2026-03-31" });
  expect(setDays(filter, { from: null, until: null })).toEqual({ tags: ["x"] });
  expect(setDays({}, { from: "20", until: null })).toEqual({});
});

test("a bucket is one condition, whatever two days were there before", () => {
  const bucket = { after: "2026-01-31T23:59:59.999Z", before: "2026-03-01T00:00:00.000Z" };
  const filter = setBucket(setDays({}, { from: "2025-01-01", until: null }), bucket);
  expect(filter).toEqual({ createdAfter: bucket.after, createdBefore: bucket.before });
  expect(conditionsOf(filter)).toHaveLength(1);
});

test("what stands in the address and is no filter is dropped", () => {
  expect(parseFilter({ tags: ["x"] })).toEqual({ tags: ["x"] });
  expect(parseFilter({ tags: "x" })).toBe(undefined);
  expect(parseFilter({ colour: ["red"] })).toBe(undefined);
  expect(parseFilter({})).toBe(undefined);
  expect(parseFilter(undefined)).toBe(undefined);
});

test("every condition has a name that says what it admits", () => {
  const t = ((key: string, values?: Record<string, unknown>) =>
    [key, ...Object.values(values ?? {})].join(" ")) as never;
  expect(conditionsOf(everything()).map((condition) => conditionName(condition, t, () => "Rules.pdf"))).toEqual([
    "Rules.pdf",
    "pumps",
    "safety",
    "guides/pumps/",
    "languages.zh",
    "filter.formats.pdf",
    "2026-03-01 – 2026-03-31",
    "author: Ann",
    "year: 2020 – 2022",
    "filter.lacks draft",
  ]);
  const open = setCondition({}, "year", { gte: 2020 });
  expect(conditionName(conditionsOf(open)[0]!, t, () => "")).toBe("year: 2020 – …");
});
