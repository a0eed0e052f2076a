import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blockTexts, expectWellFormed, fixture, textOf } from "../testing/parsed-invariants.ts";
import { parseCsv, sniffDelimiter } from "./csv.ts";
import { parseDocument } from "./index.ts";

const parse = (text: string | Buffer, name: string) =>
  parseDocument(Buffer.from(text as string), { name, mediaType: null });

describe("CSV", () => {
  test("H2 each of 1,000 rows is one block under the header", async () => {
    const parsed = await parse(fixture("readings.csv"), "readings.csv");
    expectWellFormed(parsed);
    const rows = parsed.blocks.filter(({ header }) => header !== null);
    expect(rows).toHaveLength(1_000);
    expect(new Set(rows.map(({ header }) => header))).toEqual(
      new Set(["Reading | Station | Date | Water level (cm) | Wind (km/h) | Remark"]),
    );
    expect(blockTexts(parsed)[900]).toBe(
      'R-0900 | Larkspur Quay | 2024-08-13 | 394 | 60 | Buoy 90 checked, "all well"',
    );
  });

  test.each([
    ["a;b;c\n1,5;2;3\n", ";"],
    ["a\tb\n1\t2\n", "\t"],
    ["a|b\n1|2\n", "|"],
    ['a,b\n"x;y;z",2\n', ","],
    ["alone\nlines\n", ","],
  ])("finds the delimiter of %j", (source, delimiter) => {
    expect(sniffDelimiter(source)).toBe(delimiter);
  });

  test("takes no header from rows of numbers", () => {
    expect(parseCsv("1,2\n3,4\n").pages[0]?.blocks.map(({ header }) => header)).toEqual([undefined, undefined]);
  });

  test.each([
    ["an empty corner over labels", ",Sold,Left\nPump,7,5\nFilter,3,2\n", "| Sold | Left"],
    ["years over amounts", 'Region,2019,2018\nNorth,"1,496",2001\nSouth,900,800\nEast,7,5\n', "Region | 2019 | 2018"],
    ["both", ",2019,2018\nNorth,1496,1202\nSouth,,800\n", "| 2019 | 2018"],
    ["项目 and years", "项目,2019,2018\n收入,1496,1202\n支出,900,\n", "项目 | 2019 | 2018"],
    ["空的左上角", ",数量,位置\n水泵,3,东库\n滤网,40,西库\n", "| 数量 | 位置"],
  ])("H2: takes %s for the header of a long table", async (_, source, header) => {
    const { blocks } = await parse(source, "table.csv");
    expect(blocks.map((block) => block.header)).toEqual([null, ...blocks.slice(1).map(() => header)]);
  });

  test.each([
    ["years over years", "Pump,2019\nFilter,2020\nValve,2021\n"],
    ["a name over several columns", ",December 31,\n,2019,2018\nCash,7,5\nDebt,9,8\n"],
    ["a year over nothing", "Pump,2019\nFilter,\n"],
    ["a gap before rows without labels", ",Note,More\n,is,that\n,it,is\nx,so,so\n"],
    ["an amount", "Pump,2019,17\nFilter,300,18\n"],
    ["水泵与年份", "水泵,2019\n滤网,2021\n"],
  ])("takes no header from %s", async (_, source) => {
    const { blocks } = await parse(source, "table.csv");
    expect(blocks.every(({ header }) => header === null)).toBe(true);
  });

  test("a quote that never closes does not swallow the file", () => {
    expect(
      parseCsv('name,note\nA,"open\nB,x\nC,y\n')
        .pages[0]!.blocks.map(({ text }) => text)
        .join("\n"),
    ).toContain("C");
  });

  test("keeps every field of well-formed records, whatever they hold", () => {
    const field = fc.string({ unit: fc.constantFrom("a", "b", "1", ",", '"', ";", "\n", " ", "字"), maxLength: 8 });
    const record = fc.tuple(fc.constant("id"), field, field);
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 8 }), (records) => {
        const source = records
          .map((fields) => fields.map((value) => `"${value.replaceAll('"', '""')}"`).join(","))
          .join("\n");
        const texts = parseCsv(source, ",").pages[0]!.blocks.map(({ text }) => text);
        expect(texts).toHaveLength(records.length);
        records.forEach((fields, at) => {
          for (const value of fields) expect(texts[at]).toContain(value.replace(/\s+/g, " ").trim());
        });
      }),
      { seed: 3, numRuns: 200 },
    );
  });
});

describe("JSON", () => {
  test("gives each record a block of readable lines and keeps long numbers", async () => {
    const parsed = await parse(fixture("crew.json"), "crew.json");
    expectWellFormed(parsed);
    expect(parsed.title).toBe("Crew list");
    expect(blockTexts(parsed)).toContain(
      "name: Tobias Renn\nrole: harbour master\nsince: 2014\nlanguages: English\ncontact.phone: 0550 7200",
    );
    expect(textOf(parsed)).toContain("badge: 90071992547409931");
    expect(parsed.blocks.find((_, at) => blockTexts(parsed)[at]?.startsWith("early") === true)?.headings).toEqual([
      "shifts",
    ]);
  });

  test("reads lines of JSON, also under the name .json", async () => {
    for (const name of ["crew.jsonl", "crew.json"])
      expect((await parse(fixture("crew.jsonl"), name)).blocks).toHaveLength(3);
  });

  test("S2 refuses what is nested too deeply and what is no JSON", async () => {
    const deep = `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`;
    await expect(parse(deep, "a.json")).rejects.toMatchObject({ code: "document_bomb" });
    await expect(parse("{oops", "a.json")).rejects.toMatchObject({ code: "document_corrupt" });
  });
});
