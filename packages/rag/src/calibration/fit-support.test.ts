import { describe, expect, test } from "vitest";
import { readStretches } from "../cite.ts";
import { seededRandom } from "../evaluation/seeded-random.ts";
import { makePassage, packAll } from "../testing/passages.ts";
import { evenTermWeight } from "../text/term-weights.ts";
import { fitSupport, judgeSample, measureSupport } from "./fit-support.ts";
import { samplesOfPassage, statementOf } from "./fit-support-samples.ts";

const MILL =
  "The mill was opened by Ada Hollin in 1974. Output peaked at 1100 tins in 1996 because the market grew. " +
  "In 2009, Halden Foods bought the mill from Perry. Some workers left the town after the sale. It is not open on Sundays.";
const OTHERS = ["The river rose by two metres in May. It flooded the old market in 1988."];
const samplesOf = (seed: number) =>
  samplesOfPassage(MILL, { title: "Northfield mill", others: OTHERS, random: seededRandom(seed) });

describe("sentences made from a passage", () => {
  const made = [1, 2, 3, 4, 5].flatMap(samplesOf);

  test("come the same for the same seed", () => {
    expect(samplesOf(7)).toEqual(samplesOf(7));
  });

  test("are of both labels and of many kinds, and never a sentence of the passage labelled unsupported", () => {
    const kinds = new Set(made.map(({ kind, isSupported }) => `${isSupported} ${kind}`));
    for (const kind of [
      "true turned",
      "true joined",
      "false number",
      "false name",
      "false negated",
      "false too strong",
    ])
      expect([...kinds]).toContain(kind);
    for (const { sentence, isSupported } of made) if (!isSupported) expect(MILL.includes(sentence)).toBe(false);
  });

  test("with a number changed hold another number of the passage", () => {
    const changed = made.filter(({ kind }) => kind === "number");
    for (const { sentence } of changed) expect(sentence).toMatch(/1974|1996|2009|1100/);
    expect(changed.length).toBeGreaterThan(0);
  });
});

test("a question with its answer becomes a statement, where a rule knows how", () => {
  expect(statementOf("Who founded the archive?", "Ilse Brandt")).toBe("Ilse Brandt founded the archive.");
  expect(statementOf("What is the force between nucleons?", "nuclear")).toBe("The force between nucleons is nuclear.");
  expect(statementOf("谁写了《红楼梦》？", "曹雪芹")).toBe("曹雪芹写了《红楼梦》。");
  expect(statementOf("全长多少公里？", "32公里")).toBe("全长32公里。");
  expect(statementOf("Why did it close?", "a fire")).toBeNull();
});

test("the fit tells sentences that stand there from those that were changed", () => {
  const stretches = packAll([makePassage(MILL)])
    .flatMap(readStretches)
    .map(({ evidence }) => evidence);
  const judged = [1, 2, 3, 4, 5, 6].flatMap(samplesOf).map((sample) => judgeSample(sample, stretches, evenTermWeight));
  const start = { bias: -2, weights: { coverage: 4 }, supportedFrom: 0.8, weakFrom: 0.5 };
  const before = measureSupport(judged, start);
  const model = fitSupport(judged, start);
  const after = measureSupport(judged, model);
  expect(after.precision).toBeGreaterThan(before.precision);
  expect(after.precision).toBeGreaterThanOrEqual(0.9);
  expect(after.recall).toBeGreaterThan(0.2);
  // Signs are held: nothing found ever speaks against a sentence, nothing missing for it.
  expect(Math.min(model.weights.coverage ?? 0, model.weights.order ?? 0)).toBeGreaterThanOrEqual(0);
  expect(Math.max(model.weights.missingNames ?? 0, model.weights.negationDiffers ?? 0)).toBeLessThanOrEqual(0);
});
