import { expect, test } from "vitest";
import type { FineTuneId } from "@lorekeep/core";
import { scriptedGenerator } from "@lorekeep/core/testing";
import { createTrainingControl } from "@lorekeep/tune";
import { recipeOf } from "./recipe.ts";
import { beforeTraining, openTuneRuns } from "./tune-runs.ts";

const BUSY = 2;
const ID = "tun_1" as FineTuneId;

test("training makes way while somebody is answered, until the last answer is over", async () => {
  const runs = openTuneRuns();
  const control = createTrainingControl();
  const end = runs.begin(ID, control);
  const isBusy = () => control.words[BUSY] === 1;
  const generator = beforeTraining(scriptedGenerator("one two three"), runs);
  const answers = [1, 2].map(() => generator.generate({ messages: [], maxTokens: 9 })[Symbol.asyncIterator]());
  expect(isBusy()).toBe(false);
  for (const answer of answers) await answer.next();
  expect(isBusy()).toBe(true);
  await answers[0]!.return!(undefined);
  expect(isBusy()).toBe(true);
  for (let step = await answers[1]!.next(); step.done !== true; step = await answers[1]!.next());
  expect(isBusy()).toBe(false);
  end();
  expect(runs.control(ID)).toBeNull();
});

test("a run that begins while somebody is answered makes way from its first step", () => {
  const runs = openTuneRuns();
  const done = runs.makeWay();
  const control = createTrainingControl();
  runs.begin(ID, control);
  expect(control.words[BUSY]).toBe(1);
  done();
  done();
  expect(control.words[BUSY]).toBe(0);
});

test("a recipe takes the request's words first, then its preset's, then the defaults", () => {
  expect(recipeOf({ dataset: "d" })).toMatchObject({ rank: 16, alpha: 32, epochs: 2 });
  expect(recipeOf({ dataset: "d", preset: "quick" })).toMatchObject({ rank: 8, alpha: 16, epochs: 1 });
  expect(recipeOf({ dataset: "d", preset: "quick", rank: 4 })).toMatchObject({ rank: 4, epochs: 1 });
  expect(recipeOf({ dataset: "d", rank: 4 })).toMatchObject({ rank: 4, alpha: 8 });
  expect(recipeOf({ dataset: "d", rank: 4, alpha: 1, seed: undefined })).toMatchObject({ alpha: 1, seed: 1 });
});
