/**
 * What answers where: everywhere first, then each collection. A collection without a choice of its own follows
 * "everywhere"; one whose last change took the adapter away answers with the model alone.
 */
import type { Adapter, AdapterHistory, CollectionResponse } from "@lorekeep/core";

export const EVERYWHERE = "*";

export interface AnsweringNow {
  readonly collectionId: string;
  /** null = everywhere. */
  readonly collectionName: string | null;
  readonly state: "adapter" | "follows" | "alone";
  /** What answers in effect, its own or the one it follows. */
  readonly adapter: Adapter | null;
  readonly scale: number;
  readonly since: string | null;
  /** There is a change that can be taken back. */
  readonly hasPast: boolean;
}

export function answeringNow(
  adapters: readonly Adapter[],
  collections: readonly Pick<CollectionResponse, "id" | "name">[],
  history: AdapterHistory["items"],
): AnsweringNow[] {
  const everywhere = rowOf(EVERYWHERE, null, adapters, history, null);
  return [everywhere, ...collections.map(({ id, name }) => rowOf(id, name, adapters, history, everywhere))];
}

function rowOf(
  collectionId: string,
  collectionName: string | null,
  adapters: readonly Adapter[],
  history: AdapterHistory["items"],
  everywhere: AnsweringNow | null,
): AnsweringNow {
  const changes = history.filter((change) => change.collectionId === collectionId);
  const row = { collectionId, collectionName, hasPast: changes.length > 0 };
  for (const adapter of adapters) {
    const active = adapter.activeIn.find((place) => place.collectionId === collectionId);
    if (active) return { ...row, state: "adapter", adapter, scale: active.scale, since: active.since };
  }
  const last = changes.reduce<AdapterHistory["items"][number] | null>(
    (latest, change) => (latest === null || change.at > latest.at ? change : latest),
    null,
  );
  if (everywhere === null || (last !== null && last.adapterId === null))
    return { ...row, state: "alone", adapter: null, scale: 1, since: last?.at ?? null };
  return { ...row, state: "follows", adapter: everywhere.adapter, scale: everywhere.scale, since: null };
}

/** A catalogue name as it is; of a model file of the user's own only its name, not where it lies. */
export const baseLabel = (base: string) => base.split(/[\\/]/).at(-1) ?? base;

/** An adapter as people speak of it. */
export const adapterLabel = (adapter: Pick<Adapter, "name" | "version">) => `${adapter.name} v${adapter.version}`;
