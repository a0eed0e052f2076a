import { expect, test } from "vitest";
import { contentHashOf, contextOf, embeddedText } from "./embedded-text.ts";

const chunk = (text: string, headings: readonly string[] = []) => ({ text, headings });

test.each([
  ["English", "It hums at night.", "Kestrel pump", ["Care", "Noise"], "Kestrel pump › Care › Noise"],
  ["Chinese", "夜里有声音。", "红隼泵手册", ["保养", "噪声"], "红隼泵手册 › 保养 › 噪声"],
])("a chunk is led by its title and heading path, in %s", (_, text, title, headings, context) => {
  expect(contextOf(chunk(text, headings), title)).toBe(context);
  expect(embeddedText({ text }, context)).toBe(`${context}\n\n${text}`);
});

test("what the chunk says itself is not said again, whatever its case and spacing", () => {
  expect(contextOf(chunk("KESTREL  pump\n\nNoise\nIt hums.", ["Care", "Noise"]), "Kestrel pump")).toBe("Care");
});

test("a heading that repeats the title is said once", () => {
  expect(contextOf(chunk("It hums.", ["Kestrel pump", "Noise"]), "Kestrel Pump")).toBe("Kestrel pump › Noise");
});

test("a bold sentence is no heading, and a chunk without context stays as it is", () => {
  expect(contextOf(chunk("It hums.", ["x".repeat(121)]), null)).toBe("");
  expect(embeddedText({ text: "It hums." })).toBe("It hums.");
});

test("a chunk in another context has another hash, so vectors are shared only where the embedder got the same", () => {
  const hash = contentHashOf({ text: "It hums." }, "Kestrel pump");
  expect(hash).not.toBe(contentHashOf({ text: "It hums." }));
  expect(hash).toBe(contentHashOf({ text: "Kestrel pump\n\nIt hums." }));
});
