import fc from "fast-check";
import { expect, test } from "vitest";
import { extractAnswer, rankSentences } from "./extract.ts";
import { readQuestion } from "./question.ts";
import { evenTermWeight } from "./text/term-weights.ts";
import { makePassage, packAll } from "./testing/passages.ts";

const english = packAll([
  makePassage("Kestrel pumps come in blue. The pump is serviced every 400 operating hours. Never run it dry.", {
    seq: 1,
    start: 30,
    headings: ["Kestrel pump", "Service"],
  }),
  makePassage("Invoices are sent monthly. Every invoice names the hours that were worked.", {
    seq: 2,
    document: "office.md",
  }),
]);
const chinese = packAll([
  makePassage("红隼水泵有蓝色和灰色两种。水泵每运行400小时保养一次，由厂家负责。请勿空转。", {
    language: "zh",
    start: 7,
  }),
  makePassage("发票每月寄送。", { seq: 2, language: "zh", document: "office.md" }),
]);
const ask = (question: string, packed = english) => extractAnswer(readQuestion(question, evenTermWeight), packed);

test("quotes the sentence that answers, with its marker", () => {
  const answer = ask("How often is the Kestrel pump serviced?");
  expect(answer.text).toBe("The pump is serviced every 400 operating hours. [1]");
  expect(answer.citations[0]).toMatchObject({ marker: 1, supported: true, support: 1 });
});

test("answers a Chinese question with a Chinese sentence", () => {
  expect(ask("水泵多久保养一次？", chinese).text).toBe("水泵每运行400小时保养一次，由厂家负责。 [1]");
});

test("passes over headings and questions, which only announce an answer", () => {
  const faq = packAll([
    makePassage("# Service\nHow often is the pump serviced?\nAfter each 400 hours of running, it goes to the shop."),
  ]);
  expect(ask("How often is the pump serviced?", faq).text).toBe(
    "After each 400 hours of running, it goes to the shop. [1]",
  );
});

test("brings the sentence before along when the best one only points back", () => {
  const packed = packAll([
    makePassage("The intake filter sits below the valve. It must be rinsed weekly by the night crew. Paint is blue."),
  ]);
  expect(ask("Who must rinse weekly, the night crew?", packed).text).toBe(
    "The intake filter sits below the valve. [1] It must be rinsed weekly by the night crew. [1]",
  );
});

test("gives the whole list to a question that asks for several things", () => {
  const packed = packAll([
    makePassage(
      "- Open the drain valve slowly.\n- Rinse the drain filter.\n- Close the drain valve again.\n- Call Anna.",
    ),
  ]);
  const answer = ask("What are the steps to drain the filter and valve?", packed);
  expect(answer.citations).toHaveLength(4);
  expect(answer.text).toMatch(/^- Open the drain valve slowly\. \[1\]\n- Rinse/u);
});

test("H2: a question on a table is answered by its row, read with the column names", () => {
  const text =
    "Ships\n\nShip | Built | Passengers\nMeadow Pipit | 2011 | 240\nGrey Wagtail | 2019 | 310\n\nA third ship is on order.";
  const packed = packAll([makePassage(text)]);
  const answer = ask("How many passengers does the Grey Wagtail carry?", packed);
  expect(answer.text).toBe("Ship: Grey Wagtail; Built: 2019; Passengers: 310 [1]");
  expect(answer.citations[0]?.quote).toBe("Grey Wagtail | 2019 | 310");
});

test("nothing packed gives an empty answer", () => {
  expect(ask("How often?", []).text).toBe("");
});

test("F1, F2: every quote is verbatim at its span and every marker resolves, whatever the passages are", () => {
  const piece = fc.constantFrom(
    "The pump",
    " hums. ",
    "水泵",
    "很吵。",
    "\n",
    "- ",
    "How often? ",
    "400 hours",
    ". ",
    "| a | b |\n",
  );
  const bodies = fc.array(
    fc.array(piece, { minLength: 1, maxLength: 15 }).map((parts) => parts.join("")),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(
      bodies,
      fc.constantFrom("How often does the pump hum?", "水泵吵吗？", "What are the hours?"),
      (texts, question) => {
        const packed = packAll(
          texts.map((text, index) => makePassage(text, { seq: index + 1, start: index * 500, document: `d${index}` })),
        );
        const answer = ask(question, packed);
        for (const { marker, quote, span, answerSpan } of answer.citations) {
          const { passage } = packed[marker - 1]!;
          expect(passage.text.slice(span[0] - passage.span[0], span[1] - passage.span[0])).toBe(quote);
          expect(answer.text.slice(...answerSpan)).toContain(`[${marker}]`);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("ranks by what stands near too: a sentence next to the topic beats one far from it", () => {
  const packed = packAll([
    makePassage(
      "Boats need paint. The valve is old. The Kestrel pump stands in the cellar. It is replaced in 2031. Cats sleep.",
    ),
  ]);
  const [best] = rankSentences(readQuestion("When is the Kestrel pump replaced?", evenTermWeight), packed);
  expect(["It is replaced in 2031.", "The Kestrel pump stands in the cellar."]).toContain(best?.sentence.text);
});
