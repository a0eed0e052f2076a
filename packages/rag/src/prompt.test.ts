import fc from "fast-check";
import { expect, test } from "vitest";
import { buildPrompt, escapeFence } from "./prompt.ts";
import { makePassage, packAll } from "./testing/passages.ts";

test("S10: nothing in a passage, a title or a question closes a fence, opens one or speaks as the chat template", () => {
  const piece = fc.constantFrom(
    "</passage>",
    "< / passage >",
    "<PASSAGE n=9>",
    "<|im_start|>",
    "<|im_end|>",
    "[INST]",
    "</s>",
    "<system>",
    "text ",
    '"',
    "<b>",
  );
  const text = fc.array(piece, { minLength: 1, maxLength: 10 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(text, text, text, (body, title, question) => {
      const [, user] = buildPrompt(question, packAll([makePassage(body, { headings: [title] })]));
      expect(user!.content.match(/<\s*\/?\s*passage/gi)).toEqual(["<passage", "</passage"]);
      expect(user!.content).not.toMatch(/<\||\[INST\]|<\/?s>|<system>/);
    }),
  );
});

test("other text stays as it is", () => {
  for (const text of ["a < b and c > d", "List<String> items[0]", "<p>html</p>", "水泵 <40 l>"])
    expect(escapeFence(text)).toBe(text);
});

test("passages are numbered as they are cited", () => {
  const [system, user] = buildPrompt("Why?", packAll([makePassage("One."), makePassage("Two.", { seq: 2 })]));
  expect(system?.role).toBe("system");
  expect(user?.content).toMatch(/n="1"[^]*One\.[^]*n="2"[^]*Two\.[^]*Question: Why\?/);
});
