import { expect, test } from "vitest";
import { readQuestion } from "../question.ts";
import { makePassage } from "../testing/passages.ts";
import { evenTermWeight } from "../text/term-weights.ts";
import { bridgeQueries, describesSomething, namesIn, takeIn } from "./second-hop.ts";

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
  const enough = makePassage("The Kestrel pump that stands in Bergen is serviced every 400 hours by Anna Berg.");
  expect(bridgeQueries(ask("How often is the Kestrel pump that stands in Bergen serviced?"), [enough])).toEqual([]);
  expect(bridgeQueries(ask("Who directed the film that was shot there?"), [])).toEqual([]);
});

test("only a question that describes something instead of naming it is searched on", () => {
  for (const question of [
    "Who directed the film that was shot in Leland?",
    "What was the population of the city where Kerry Saxby was born?",
    "The tornado hit a state named after which tribe?",
    "What is the name of the band founded by one of the stars?",
    "Who is the mother of the director of Jaws?",
    "Drew Fuller starred in a series broadcast on which station?",
  ])
    expect([question, describesSomething(question)]).toEqual([question, true]);
  for (const question of [
    "Which country won the football World Cup in 1966?",
    "In which year was the Corliss engine patented?",
    "Who invented the notion of a steam engine's duty?",
    "When was the pump serviced?",
    "By whom was the castle founded?",
    "The castle was founded by whom?",
    "水泵多久保养一次？",
  ])
    expect([question, describesSomething(question)]).toEqual([question, false]);
  const found = makePassage("Maximum Overdrive was shot in Leland. Its music is by the band AC/DC.");
  expect(bridgeQueries(ask("Who directed the plot in Leland?"), [found])).toEqual([]);
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
