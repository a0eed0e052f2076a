import fc from "fast-check";
import { expect, test } from "vitest";
import { StopFilter } from "./stop-filter.ts";

function feed(pieces: readonly string[], stops: readonly string[]): { text: string; stopped: boolean } {
  const filter = new StopFilter(stops);
  let text = "";
  for (const piece of pieces) {
    const out = filter.push(piece);
    text += out.text;
    if (out.stopped) return { text, stopped: true };
  }
  return { text: text + filter.flush(), stopped: false };
}

test("ends before a stop string that comes in pieces", () => {
  expect(feed(["Yes.", "\n", "\nQues", "tion: more"], ["\n\nQuestion:"])).toEqual({ text: "Yes.", stopped: true });
});

test("shows what only looked like a stop string", () => {
  expect(feed(["a\n", "b"], ["\n\n"])).toEqual({ text: "a\nb", stopped: false });
  expect(feed(["ends with \n"], ["\n\n"])).toEqual({ text: "ends with \n", stopped: false });
});

test("takes the first of several and knows none when none is given", () => {
  expect(feed(["one two three"], ["three", "two"])).toEqual({ text: "one ", stopped: true });
  expect(feed(["one"], [""])).toEqual({ text: "one", stopped: false });
});

test("shows the same however the text is cut", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom("a", "b", "\n") })), (pieces) => {
      const whole = pieces.join("");
      const end = whole.indexOf("ab\n");
      expect(feed(pieces, ["ab\n"])).toEqual({ text: end < 0 ? whole : whole.slice(0, end), stopped: end >= 0 });
    }),
  );
});
