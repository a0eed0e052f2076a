import { expect, test } from "vitest";
import { readQuestion } from "../question.ts";
import { makePassage } from "../testing/passages.ts";
import { evenTermWeight } from "../text/term-weights.ts";
import { bridgeQueries, namesIn, takeIn } from "./second-hop.ts";

const ask = (text: string) => readQuestion(text, evenTermWeight);

test("names that the bridge brings are searched for with what it leaves unsaid", () => {
  const bridge = makePassage("Maximum Overdrive was shot in Leland in 1986. Its music is by the band AC/DC.", {
    document: "Leland.txt",
  });
  const queries = bridgeQueries(ask("Who directed the film that was shot in Leland in 1986?"), [bridge]);
  expect(queries[0]).toBe("Maximum Overdrive directed film");
  expect(queries.every((query) => !query.startsWith("Leland"))).toBe(true);
});

test("a passage that says nearly all that is asked needs no second search, and none brings none", () => {
  const enough = makePassage("The Kestrel pump is serviced every 400 hours in Bergen.");
  expect(bridgeQueries(ask("How often is the Kestrel pump serviced?"), [enough])).toEqual([]);
  expect(bridgeQueries(ask("Who directed it?"), [])).toEqual([]);
});

test("names run over small words, and the first word of a text may be one", () => {
  expect(namesIn("Shirley Temple met the Bridge of Sighs and Paul in May.")).toContain("Bridge of Sighs");
  expect(namesIn("in Oslo they sang. Then they left.")).toEqual(["Oslo"]);
});

test("what the question found keeps its first half; a further passage takes a later place only where it says more", () => {
  const passage = (seq: number, text: string, fused = 1) => makePassage(text, { seq, document: `${seq}`, fused });
  const question = ask("Who directed the film shot in Leland?");
  const first = [
    passage(1, "The film Overdrive was shot in Leland."),
    passage(2, "Leland", 0.8),
    passage(3, "directed", 0.6),
    passage(4, "rain", 0.4),
  ];
  const told = passage(9, "Overdrive was directed by King.");
  const taken = takeIn(question, first, [[first[0]!, told], [passage(8, "Overdrive cars")]], 4);
  expect(taken.map(({ seq }) => seq)).toEqual([1, 2, 3, 9, 4]);
  expect(taken[3]!.scores.fused).toBe(0.8);
  expect(takeIn(question, first, [], 4)).toEqual(first);
  expect(takeIn(question, first.slice(0, 1), [[told]], 4).map(({ seq }) => seq)).toEqual([1, 9]);
});
