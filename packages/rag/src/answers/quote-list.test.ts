import { describe, expect, test } from "vitest";
import { extractAnswer } from "../extract.ts";
import { readQuestion } from "../question.ts";
import { makePassage, packAll } from "../testing/passages.ts";
import { evenTermWeight } from "../text/term-weights.ts";
import { saidIn } from "./further-sentences.ts";
import { quoteList } from "./quote-list.ts";

const KIT =
  "Every boat has a kit for repairs.\n\nThe repair kit holds:\n\na spare filter\nten metres of rope\na red pin\n\nKeep it dry.";
const ask = (question: string, ...texts: readonly string[]) => {
  const packed = packAll(
    texts.map((text, at) => makePassage(text, { seq: at + 1, start: 1000 * at, document: `${at}` })),
  );
  const asked = readQuestion(question, evenTermWeight);
  return { packed, asked, answer: extractAnswer(asked, packed) };
};

describe("a question for several things", () => {
  test.each([
    [
      "What are the things in the repair kit?",
      KIT,
      "The repair kit holds: [1]\n\n- a spare filter [1]\n- ten metres of rope [1]\n- a red pin [1]",
    ],
    [
      "What is in the repair kit?",
      KIT,
      "The repair kit holds: [1]\n\n- a spare filter [1]\n- ten metres of rope [1]\n- a red pin [1]",
    ],
    [
      "What does the repair kit contain?",
      KIT,
      "The repair kit holds: [1]\n\n- a spare filter [1]\n- ten metres of rope [1]\n- a red pin [1]",
    ],
    [
      "修理包里有哪些东西？",
      "修理包包括：\n\n1. 备用滤芯\n2. 十米绳子",
      "修理包包括： [1]\n\n- 备用滤芯 [1]\n- 十米绳子 [1]",
    ],
    ...["修理包里面是什么？", "修理包由什么组成？", "修理包包括什么？"].map((question): [string, string, string] => [
      question,
      "修理包包括：\n\n1. 备用滤芯\n2. 十米绳子",
      "修理包包括： [1]\n\n- 备用滤芯 [1]\n- 十米绳子 [1]",
    ]),
  ])("F1: “%s” is answered with the whole list and its lead-in, each line quoted", (question, text, expected) => {
    const { answer } = ask(question, text);
    expect(answer.text).toBe(expected);
    for (const { quote, span } of answer.citations) expect(text.slice(...span)).toBe(quote);
  });

  test("is not answered with a list that is about something else, nor with wrapped lines or rows", () => {
    const wrapped =
      "The repair kit of the boat is kept under the seat at the back where the\ncrew can reach it also when the weather is bad and the deck is under\nwater.";
    expect(ask("What are the parts of the repair kit?", wrapped).answer.text).not.toContain("- ");
    const table = "Part | Use\nrepair kit | boat\nrope | mast";
    expect(ask("What are the parts of the repair kit?", table).answer.text).not.toMatch(/^- /mu);
    const other = "The repair kit of each boat lies under the seat.\n\nMeals:\n\nsoup of leeks\nbread and butter";
    expect(ask("Which rules are there for the repair kit?", other).answer.text).not.toContain("soup");
  });

  test("a question for one fact keeps its sentence", () => {
    expect(ask("How long is the rope in the repair kit?", KIT).answer.text).not.toContain("\n- ");
  });

  test("a long list is capped, and the rest comes with “more”", () => {
    const items = Array.from({ length: 11 }, (_, at) => `part number ${at + 1}`);
    const { packed, asked, answer } = ask(
      "List the parts of the pump.",
      `The parts of the pump are:\n\n${items.join("\n")}`,
    );
    expect(answer.citations).toHaveLength(9);
    const rest = quoteList(asked, packed, undefined, saidIn([answer.text]))!;
    expect(rest[1]!.statements.map(({ text }) => text)).toEqual(items.slice(8));
    expect(quoteList(asked, packed, undefined, () => true)).toBeNull();
  });
});

test("blank lines of odd spaces around a list are passed over", () => {
  const { answer } = ask("What are the things in the repair kit?", KIT.replaceAll("\n\n", "\n\n\u3000\n\n"));
  expect(answer.text).toBe(
    "The repair kit holds: [1]\n\n- a spare filter [1]\n- ten metres of rope [1]\n- a red pin [1]",
  );
});
