/**
 * The filter of each conversation on this page. It is not kept beyond the page: a condition forgotten from last week would make
 * answers miss documents without anybody seeing why.
 */
import type { SearchFilter } from "@lorekeep/core";
import { createStore, useStore } from "../external-store.ts";

const NONE: SearchFilter = {};
const filters = createStore<ReadonlyMap<string, SearchFilter>>(new Map());

export const useChatFilter = (key: string): SearchFilter => useStore(filters).get(key) ?? NONE;

export const setChatFilter = (key: string, filter: SearchFilter): void =>
  filters.set((map) => new Map(map).set(key, filter));

/** A new conversation got its name: its filter goes with it. */
export function moveChatFilter(from: string, to: string): void {
  filters.set((map) => {
    const next = new Map(map);
    const filter = next.get(from);
    next.delete(from);
    if (filter !== undefined) next.set(to, filter);
    return next;
  });
}

export const chatFilterOf = (key: string): SearchFilter => filters.get().get(key) ?? NONE;
