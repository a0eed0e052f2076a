import { expect, test } from "vitest";
import { createFineTuneSchema, recipeSchema } from "./adaptation.ts";

test("a request for a fine-tune keeps what it leaves out open, so that its preset can fill it", () => {
  expect(createFineTuneSchema.parse({ dataset: "d", preset: "quick", rank: 8 })).toEqual({
    dataset: "d",
    preset: "quick",
    rank: 8,
  });
  expect(recipeSchema.parse({ rank: 8 })).toMatchObject({ rank: 8, alpha: 32, epochs: 2, memoryMode: "auto" });
});
