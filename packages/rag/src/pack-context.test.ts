import fc from "fast-check";
import { expect, test } from "vitest";
import { packContext } from "./pack-context.ts";
import { makePassage } from "./testing/passages.ts";

const distinct = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    makePassage(`Topic ${index} alpha${index} beta${index} gamma${index}.`, {
      seq: index + 1,
      document: `doc${index}.md`,
    }),
  );

test("numbers passages from 1, best first, and says which are over the count", async () => {
  const { packed, dropped } = await packContext(distinct(5), { passageCount: 3 });
  expect(packed.map(({ marker, passage }) => [marker, passage.seq])).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
  expect(dropped.map(({ chunkId, why }) => [chunkId, why])).toEqual([
    ["chk_4", "over the passage count"],
    ["chk_5", "over the passage count"],
  ]);
});

test("keeps a passage that several documents repeat once", async () => {
  const text = "Wear gloves and goggles whenever the tank is opened, and vent the room for ten minutes.";
  const passages = [
    makePassage(text, { seq: 1, document: "a.md" }),
    makePassage(`${text} Really.`, { seq: 2, document: "b.md" }),
  ];
  const { packed, dropped } = await packContext(passages, { passageCount: 6 });
  expect(packed).toHaveLength(1);
  expect(dropped).toEqual([{ chunkId: "chk_2", why: "repeats another" }]);
});

test("merges neighbouring chunks in reading order and says their overlap once", async () => {
  const text = "One opens the valve. Two drains the tank. Three closes the lid.";
  const overlap = text.indexOf("Two");
  const later = makePassage(text.slice(overlap), { seq: 1, start: overlap });
  const other = makePassage("Invoices are paid monthly.", { seq: 2, document: "office.md" });
  const earlier = makePassage(text.slice(0, text.indexOf(" Three")), { seq: 3, start: 0 });
  const { packed } = await packContext([later, other, earlier], { passageCount: 6 });
  expect(packed.map(({ text: shown }) => shown)).toEqual([text, "Invoices are paid monthly."]);
  expect(packed[0]?.passage.chunkId).toBe("chk_1");
  expect(packed[0]?.parts?.map(({ seq }) => seq)).toEqual([3, 1]);
});

test("takes all parts of a table that were found, although they are more than the count", async () => {
  const header = "Ship | Passengers";
  const rows = ["Grey Wagtail | 310", "Dipper | 120", "Knot | 90"];
  const starts = [0, 19, 32];
  const part = (at: number, seq: number) => makePassage(rows[at]!, { seq, start: starts[at]!, header });
  const prose = makePassage("Invoices are paid monthly.", { seq: 2, document: "office.md" });
  const more = makePassage("The office opens at nine.", { seq: 5, document: "hours.md" });
  const { packed, dropped } = await packContext([part(0, 1), prose, part(2, 3), part(1, 4), more], { passageCount: 2 });
  expect(packed.map(({ text }) => text)).toEqual([[header, ...rows].join("\n"), prose.text]);
  expect(dropped).toEqual([{ chunkId: "chk_5", why: "over the passage count" }]);
});

test("G4: drops the worst passages until the prompt fits, and says so", async () => {
  const count = async (packed: readonly { text: string }[]) =>
    10 + packed.reduce((sum, { text }) => sum + text.length, 0);
  const { packed, dropped, promptTokens } = await packContext(distinct(4), {
    passageCount: 6,
    window: { maxPromptTokens: 90, count },
  });
  expect(promptTokens).toBeLessThanOrEqual(90);
  expect(packed.map(({ passage }) => passage.seq)).toEqual([1, 2]);
  expect(dropped.map(({ why }) => why)).toEqual(["over the window", "over the window"]);
});

test("G4: whatever comes in, the prompt never exceeds the window and every passage is packed or reported", async () => {
  const texts = fc.array(fc.string({ minLength: 1, maxLength: 200 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(texts, fc.integer({ min: 10, max: 400 }), async (bodies, maxPromptTokens) => {
      const passages = bodies.map((body, index) =>
        makePassage(body, { seq: index + 1, document: `d${index % 3}`, start: index * 150 }),
      );
      const count = async (packed: readonly { text: string }[]) =>
        10 + packed.reduce((sum, { text }) => sum + text.length, 0);
      const result = await packContext(passages, { passageCount: 6, window: { maxPromptTokens, count } });
      expect(result.promptTokens).toBeLessThanOrEqual(maxPromptTokens);
      expect(result.packed.map(({ marker }) => marker)).toEqual(result.packed.map((_, index) => index + 1));
      const chunkCount = result.packed.reduce((sum, { parts }) => sum + (parts?.length ?? 1), 0);
      expect(chunkCount + result.dropped.length).toBe(passages.length);
    }),
    { numRuns: 100 },
  );
});
