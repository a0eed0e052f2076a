/**
 * Many rows without holding the event loop: transactions of a few milliseconds with a turn of the loop between them.
 * For rows that nobody sees yet (staged versions) or that nobody sees any more; not atomic as a whole.
 *
 * A turn comes first as well: a caller that awaits one call after the other would otherwise never leave the microtasks.
 */
import type { Connection } from "./open-database.ts";

const SLICE_MS = 5;

export async function writeInSlices<Item>(
  connection: Connection,
  items: readonly Item[],
  writeOne: (item: Item) => void,
  /** Runs at the end of each transaction with the number of items written in it. */
  finishSlice: (count: number) => void = () => undefined,
): Promise<void> {
  let next = 0;
  while (next < items.length) {
    await nextTurn();
    connection.write(() => {
      const end = performance.now() + SLICE_MS;
      const first = next;
      do writeOne(items[next++]!);
      while (next < items.length && performance.now() < end);
      finishSlice(next - first);
    });
  }
}

/** Lets timers and sockets have their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
