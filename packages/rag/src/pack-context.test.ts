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

test("puts neighbouring chunks side by side in reading order and says their overlap once", async () => {
  const text = "One opens the valve. Two drains the tank. Three closes the lid.";
  const overlap = text.indexOf("Two");
  const later = makePassage(text.slice(overlap), { seq: 1, start: overlap });
  const other = makePassage("Invoices are paid monthly.", { seq: 2, document: "office.md" });
  const earlier = makePassage(text.slice(0, text.indexOf(" Three")), { seq: 3, start: 0 });
  const { packed } = await packContext([later, other, earlier], { passageCount: 6 });
  expect(packed.map(({ passage }) => passage.seq)).toEqual([3, 1, 2]);
  expect(packed[1]?.text).toBe("Three closes the lid.");
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
      expect(result.packed.length + result.dropped.length).toBe(passages.length);
    }),
    { numRuns: 100 },
  );
});
