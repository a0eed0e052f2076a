/** The form of a new training, and the request that it makes. Number fields stay text while they are typed. */
import { recipeSchema, TARGETS, type CreateFineTuneRequest, type Dataset, type Recipe } from "@lorekeep/core";

export const PRESETS = ["quick", "thorough", "custom"] as const;
const NUMBERS = ["rank", "alpha", "learningRate", "epochs", "maxTokens", "beta", "seed"] as const;
export type NumberField = (typeof NUMBERS)[number];

export interface RecipeDraft {
  readonly dataset: string;
  /** "" = the configured generator. */
  readonly base: string;
  readonly name: string;
  readonly method: Recipe["method"];
  readonly preset: (typeof PRESETS)[number];
  readonly targets: readonly Recipe["targets"][number][];
  readonly memoryMode: Recipe["memoryMode"];
  readonly numbers: Readonly<Record<NumberField, string>>;
}

const DEFAULTS = recipeSchema.parse({});

export const newRecipe = (dataset: string): RecipeDraft => ({
  dataset,
  base: "",
  name: "",
  method: DEFAULTS.method,
  preset: "quick",
  targets: DEFAULTS.targets,
  memoryMode: DEFAULTS.memoryMode,
  numbers: {
    rank: String(DEFAULTS.rank),
    alpha: String(DEFAULTS.alpha),
    learningRate: String(DEFAULTS.learningRate),
    epochs: String(DEFAULTS.epochs),
    maxTokens: String(DEFAULTS.maxTokens),
    beta: String(DEFAULTS.beta),
    seed: String(DEFAULTS.seed),
  },
});

/** Which number fields hold something that no recipe allows. */
export function wrongFields(draft: RecipeDraft): readonly NumberField[] {
  if (draft.preset !== "custom") return [];
  return NUMBERS.filter((field) => {
    const text = draft.numbers[field].trim();
    return text === "" || !recipeSchema.shape[field].safeParse(Number(text)).success;
  });
}

/** null while something is missing or not allowed: there is nothing to estimate or to start yet. */
export function requestOf(draft: RecipeDraft): CreateFineTuneRequest | null {
  if (draft.dataset === "" || draft.targets.length === 0 || wrongFields(draft).length > 0) return null;
  const named = {
    dataset: draft.dataset,
    method: draft.method,
    ...(draft.base === "" ? {} : { base: draft.base }),
    ...(draft.name.trim() === "" ? {} : { name: draft.name.trim() }),
  };
  if (draft.preset !== "custom") return { ...named, preset: draft.preset };
  const { beta, ...rest } = Object.fromEntries(NUMBERS.map((field) => [field, Number(draft.numbers[field])])) as Record<
    NumberField,
    number
  >;
  return {
    ...named,
    ...rest,
    ...(draft.method === "preference" ? { beta } : {}),
    targets: TARGETS.filter((target) => draft.targets.includes(target)),
    memoryMode: draft.memoryMode,
  };
}

/** Examples that are not approved, or pairs that nobody made. */
export type Missing = "nothingApproved" | "noPairs";

/** null: there is something to learn from. */
export function whatIsMissing({ counts }: Pick<Dataset, "counts">, method: RecipeDraft["method"]): Missing | null {
  if (counts.approved === 0) return "nothingApproved";
  return method === "preference" && counts.preferences === 0 ? "noPairs" : null;
}
