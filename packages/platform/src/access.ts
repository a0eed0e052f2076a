/**
 * Who may do what: the one place that turns an Actor into yes or no. A collection that the actor may not see does not exist
 * for it (`not_found`), so that ids cannot be probed.
 */
import { AppError } from "@lorekeep/core";
import type {
  Collection,
  CollectionId,
  Collections,
  DocumentId,
  DocumentRecord,
  Documents,
  Scope,
} from "@lorekeep/core";
import type { Actor } from "./actor.ts";

/** Collections of evaluation runs: left out unless they are named. */
export const SCRATCH_PREFIX = "eval:";

/** Everything in this process on this machine, as the command line acts. */
export const LOCAL_ACTOR: Actor = {
  id: "cli",
  scopes: ["search", "chat", "ingest", "admin"],
  collectionIds: null,
  key: null,
};

/** Throws forbidden. `admin` includes the others. */
export function requireScope(actor: Actor, scope: Scope): void {
  if (!actor.scopes.includes(scope) && !actor.scopes.includes("admin"))
    throw new AppError("forbidden", `This needs the right "${scope}", which this key does not have.`, { scope });
}

export const maySee = (actor: Actor, id: CollectionId): boolean =>
  actor.collectionIds === null || actor.collectionIds.includes(id);

export async function listAllCollections(collections: Collections): Promise<Collection[]> {
  const all: Collection[] = [];
  let cursor: string | undefined;
  do {
    const page = await collections.list({ limit: 200, cursor });
    all.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}

/** One collection by id or name. Throws not_found, also when the actor may not see it. */
export async function findCollection(collections: Collections, actor: Actor, idOrName: string): Promise<Collection> {
  // An id that names nothing is a name: `get` of any text is a plain lookup.
  const found = (await collections.get(idOrName as CollectionId)) ?? (await collections.getByName(idOrName));
  if (found === null || !maySee(actor, found.id)) throw new AppError("not_found", "There is no such collection.");
  return found;
}

/** The collections named, or every one that the actor may see. Throws not_found when a named one is missing. */
export async function resolveCollections(
  collections: Collections,
  actor: Actor,
  names: readonly string[] | undefined,
): Promise<Collection[]> {
  if (names === undefined) {
    const all = await listAllCollections(collections);
    return all.filter((each) => maySee(actor, each.id) && !each.name.startsWith(SCRATCH_PREFIX));
  }
  const found = await Promise.all(names.map((name) => findCollection(collections, actor, name)));
  return [...new Map(found.map((each) => [each.id, each])).values()];
}

/** Throws not_found, also when the actor may not see its collection. */
export async function findDocument(documents: Documents, actor: Actor, id: DocumentId): Promise<DocumentRecord> {
  const document = await documents.get(id);
  if (document === null || !maySee(actor, document.collectionId))
    throw new AppError("not_found", "There is no such document.");
  return document;
}
