/** What a request asks for → the whole recipe: its own words first, then its preset's, then the defaults. */
import { recipeSchema } from "@lorekeep/core";
import type { CreateFineTuneRequest } from "@lorekeep/core";
import type { Recipe } from "./trainer.ts";

const PRESETS: Readonly<Record<"quick" | "thorough", Partial<Recipe>>> = {
  quick: { epochs: 1, rank: 8 },
  thorough: { epochs: 3 },
};

export function recipeOf(request: CreateFineTuneRequest): Recipe {
  const { dataset: _dataset, name: _name, base: _base, preset, ...asked } = request;
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  const chosen = { ...(preset === undefined ? {} : PRESETS[preset]), ...given };
  // Twice the rank keeps the adapter's strength when only the rank is asked for.
  const alpha = "rank" in chosen && !("alpha" in chosen) ? { alpha: 2 * Number(chosen.rank) } : {};
  return recipeSchema.parse({ ...chosen, ...alpha });
}
