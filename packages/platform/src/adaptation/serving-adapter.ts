/**
 * Which adapter writes an answer. Asked once at the beginning of each turn, so that an answer ends with the adapter it began
 * with whatever is switched on meanwhile (K4).
 *
 * In this order: what the request names; the choice of the collection; the choice for everywhere; the adapter in the box,
 * which is the generator's own default. An adapter of another base than the one that is configured answers nothing.
 */
import { join } from "node:path";
import { AppError } from "@lorekeep/core";
import type { Adapter, AdapterId, Collection, Config, Logger, Store } from "@lorekeep/core";
import type { AnswerAdapter } from "@lorekeep/rag";
import { collectionIdOf } from "./parts.ts";

export interface ServingParts {
  readonly config: Config;
  readonly store: Pick<Store, "adapters">;
  readonly logger: Logger;
  readonly adaptersFolder: string;
  /** The adapter that came with this release for the configured generator; null when there is none. */
  readonly builtIn: () => Promise<BuiltInAdapter>;
}

export interface BuiltInAdapter {
  readonly id: AdapterId | null;
  /** What the bare base was measured to do; undefined = unknown. */
  readonly baseAnswersFromPassages: boolean | undefined;
}

type Stored = Adapter & { file: string };
type Choice = { readonly adapter: Stored; readonly scale: number } | null | undefined;

/**
 * Undefined: the generator as it is, and nothing to report. `scale` is for a run that noted one when it was asked for; without it
 * an adapter that a request names answers at the scale chosen for it here, else as it was trained. Throws not_found, conflict for
 * what a request names.
 */
export async function chooseAdapter(
  parts: ServingParts,
  requested: string | null | undefined,
  collections: readonly Collection[],
  scale?: number,
): Promise<AnswerAdapter | undefined> {
  if (requested === null) return bare(parts);
  if (requested !== undefined) {
    const adapter = await findRequested(parts, requested);
    return toAnswer(parts, adapter, scale ?? (await scaleHere(parts, adapter, collections)));
  }
  const choice = await choiceFor(parts, collections);
  if (choice === null) return bare(parts);
  if (choice === undefined) return inTheBox(parts);
  if (choice.adapter.base === parts.config.models.generator) return toAnswer(parts, choice.adapter, choice.scale);
  parts.logger.warn("adapter.other_base", { adapterId: choice.adapter.id, base: choice.adapter.base });
  return inTheBox(parts);
}

async function findRequested(parts: ServingParts, id: string): Promise<Stored> {
  const adapter = await parts.store.adapters.get(id as AdapterId); // any text may be looked up
  if (adapter === null) throw new AppError("not_found", "There is no such adapter.");
  requireBase(adapter, parts.config);
  return adapter;
}

/** Throws conflict when the adapter was trained for another base than the one that serves. */
export function requireBase(adapter: Pick<Adapter, "base">, config: Config): void {
  const serving = config.models.generator;
  if (adapter.base !== serving)
    throw new AppError("conflict", `This adapter was trained for ${adapter.base}, but ${serving} serves.`, {
      base: adapter.base,
      serving,
    });
}

async function scaleHere(parts: ServingParts, { id }: Adapter, collections: readonly Collection[]): Promise<number> {
  const choice = await choiceFor(parts, collections);
  return choice?.adapter.id === id ? choice.scale : 1;
}

/** What an answer is written with: as trained, or what the slider says. */
export const scaleOf = (adapter: AnswerAdapter | undefined): number => adapter?.use?.scale ?? 1;

/** Several collections with one choice: that one; with different ones: what was chosen for everywhere. */
async function choiceFor({ store }: ServingParts, collections: readonly Collection[]): Promise<Choice> {
  const choices = await Promise.all(collections.map(({ id }) => choiceOf(store, id)));
  const [first, ...others] = choices;
  const isOne = collections.length > 0 && others.every((other) => isSame(other, first));
  return isOne ? first : choiceOf(store, "*");
}

async function choiceOf({ adapters }: ServingParts["store"], id: Collection["id"] | "*"): Promise<Choice> {
  const chosen = (await adapters.chosen(id)) ?? (id === "*" ? undefined : await adapters.chosen("*"));
  if (chosen === undefined || chosen.adapterId === null) return chosen === undefined ? undefined : null;
  const adapter = await adapters.get(chosen.adapterId);
  return adapter === null ? null : { adapter, scale: chosen.scale };
}

const isSame = (left: Choice, right: Choice): boolean =>
  left?.adapter.id === right?.adapter.id && left?.scale === right?.scale && (left === null) === (right === null);

async function bare(parts: ServingParts): Promise<AnswerAdapter> {
  const { baseAnswersFromPassages } = await parts.builtIn();
  return { id: null, use: null, answersFromPassages: baseAnswersFromPassages };
}

/** The generator's default: no second copy of the same weights is loaded for it, and it knows whether it could use it. */
async function inTheBox(parts: ServingParts): Promise<AnswerAdapter | undefined> {
  const { id } = await parts.builtIn();
  return id === null ? undefined : { id, use: undefined, answersFromPassages: undefined };
}

async function toAnswer(parts: ServingParts, adapter: Stored, scale: number): Promise<AnswerAdapter> {
  const isDefault = adapter.origin === "built-in" && scale === 1 && adapter.id === (await parts.builtIn()).id;
  const use = isDefault ? undefined : { path: join(parts.adaptersFolder, adapter.file), scale };
  return { id: adapter.id, use, answersFromPassages: true };
}

/** What an adapter's page shows: the one in the box answers everywhere until somebody chooses. */
export async function withDefault<Shown extends Adapter>(
  parts: Pick<ServingParts, "store" | "builtIn">,
  adapter: Shown,
): Promise<Shown> {
  if (adapter.origin !== "built-in" || adapter.id !== (await parts.builtIn()).id) return adapter;
  if ((await parts.store.adapters.chosen("*")) !== undefined) return adapter;
  return { ...adapter, activeIn: [...adapter.activeIn, { collectionId: "*", scale: 1, since: adapter.createdAt }] };
}

export const activeCollections = ({ activeIn }: Adapter) => activeIn.map(collectionIdOf);
