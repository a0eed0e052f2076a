/** Ids of paths. What does not even look like an id names nothing: the database is not asked (S1). */
import { AppError, isId, type CollectionId, type Id } from "@lorekeep/core";
import type { Actor } from "@lorekeep/platform";

type Noun = Parameters<typeof isId>[0];

/** Throws not_found. */
export function requireId<Name extends Noun>(name: Name, value: string): Id<Name> {
  if (isId(name, value)) return value;
  throw notFound(WORDS[name] ?? name);
}

/** Where the word for people is not the noun's name. */
const WORDS: Partial<Record<Noun, string>> = { apiKey: "key", fineTune: "fine-tune" };

export const notFound = (what: string): AppError => new AppError("not_found", `There is no such ${what}.`);

/** For rows that are read without the library: what the actor may not see does not exist for it. Throws not_found. */
export function requireVisible(actor: Actor, collectionId: CollectionId, what: string): void {
  if (actor.collectionIds !== null && !actor.collectionIds.includes(collectionId)) throw notFound(what);
}
