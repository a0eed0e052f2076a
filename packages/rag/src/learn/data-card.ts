/**
 * What an adapter was made of, kept beside it for ever: data, seeds, versions, licences and what the gate said (after Mitchell
 * et al. 2019, model cards, and Gebru et al. 2021, datasheets). Numbers and names only, no text of examples.
 */
import type { Adapter, Example, Gate, Recipe } from "@lorekeep/core";
import { PROMPT_VERSION } from "../prompt.ts";
import { tally } from "./clean-examples.ts";
import { findPersonalData } from "./personal-data.ts";
import { REFUSAL_TARGETS } from "./refusal-target.ts";

export interface CardRequest {
  readonly name: string;
  /** A file of the machine is named without its folder: its hash says which file it was. */
  readonly base: {
    readonly name: string;
    readonly fingerprint: string;
    readonly licence: string | null;
    readonly sha256?: string | undefined;
  };
  readonly recipe: Recipe;
  readonly datasetName: string;
  readonly examples: readonly Pick<
    Example,
    "question" | "answer" | "answerable" | "language" | "source" | "split" | "rejectedAnswer" | "passages"
  >[];
  /** Names by document id, for those that still exist. */
  readonly documentNames?: ReadonlyMap<string, string> | undefined;
  /** What may be done with the data, as the one who trains knows it. */
  readonly licenceNotes?: readonly string[] | undefined;
  /** Program, trainer, runtime → version. */
  readonly versions: Readonly<Record<string, string>>;
  readonly training?: {
    readonly steps: number;
    readonly tokens: number;
    readonly seconds: number;
    readonly skippedSteps: number;
  };
  readonly gate?: Gate | null | undefined;
  /** ISO 8601. */
  readonly trainedAt: string;
}

export function dataCard(request: CardRequest): Adapter["card"] {
  const { examples, documentNames, recipe, gate = null } = request;
  const documents = documentsOf(examples);
  return {
    name: request.name,
    base: request.base,
    method: `LoRA (Hu et al. 2021), ${recipe.method === "preference" ? "direct preference optimisation" : "answer tokens only"}`,
    recipe,
    seed: recipe.seed,
    prompt: PROMPT_VERSION,
    refusals: { en: REFUSAL_TARGETS.en, zh: REFUSAL_TARGETS.zh },
    data: {
      dataset: request.datasetName,
      examples: examples.length,
      answerable: examples.filter(({ answerable }) => answerable).length,
      unanswerable: examples.filter(({ answerable }) => !answerable).length,
      preferences: examples.filter(({ rejectedAnswer }) => rejectedAnswer !== null).length,
      split: tally(examples.map(({ split }) => split)),
      sources: tally(examples.map(({ source }) => source)),
      languages: tally(examples.map(({ language }) => language)),
      personalData: tally(examples.flatMap(({ question, answer }) => findPersonalData(`${question}\n${answer ?? ""}`))),
      documents: documents.map((id) => ({ id, name: documentNames?.get(id) ?? null })),
    },
    licence: {
      base: request.base.licence,
      data: request.licenceNotes ?? [],
      note: "The adapter may repeat text of its documents: whoever may use it can learn what they say.",
    },
    versions: request.versions,
    training: request.training ?? null,
    gate:
      gate === null ? null : { passed: gate.passed, base: gate.base, adapter: gate.adapter, verdicts: gate.verdicts },
    limits: [
      "Measured on held-out examples of the same kind only; other documents and languages were not measured.",
      "Refusal and citations are checked outside the model: it is not to be used without those checks.",
    ],
    trainedAt: request.trainedAt,
  };
}

/** Documents whose text was shown as right or wrong passage in training (K6), each once. */
export function documentsOf(examples: readonly Pick<Example, "passages">[]): string[] {
  const ids = examples.flatMap(({ passages }) => passages.map(({ documentId }) => documentId));
  return [...new Set(ids)].filter((id) => id !== null).sort();
}

/** The card as Markdown, for people and for model hubs. */
export function writeCard(card: Adapter["card"]): string {
  return `# ${String(card["name"])}\n\n${writeFields(card, 2)}\n`;
}

function writeFields(fields: Readonly<Record<string, unknown>>, level: number): string {
  const lines = Object.entries(fields).filter(([key]) => level > 2 || key !== "name");
  return lines.map(([key, value]) => writeField(key, value, level)).join("\n");
}

function writeField(key: string, value: unknown, level: number): string {
  const label = key.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  if (isFields(value) && level === 2)
    return `\n## ${label.charAt(0).toUpperCase()}${label.slice(1)}\n\n${writeFields(value, level + 1)}\n`;
  return `- ${label}: ${writeValue(value)}`;
}

function writeValue(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
  if (Array.isArray(value)) return value.length === 0 ? "–" : value.map(writeValue).join("; ");
  if (isFields(value))
    return Object.entries(value)
      .map(([key, inner]) => `${key} ${writeValue(inner)}`)
      .join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
