/**
 * Places to answer in, in groups: one group per adapter (a llama.cpp context with it, whose sequences are the places) and one for the
 * base, which is never closed for another. At most `running` places are taken at once over all groups; whoever comes later waits in one fair queue and is
 * turned away past its limit (model_busy). Groups are opened when first wanted, the base too; when there are `maxGroups`, the longest unused idle one is closed
 * first, so memory is bounded. A place is never handed from one group to another: what it remembers of prompts stays with its adapter.
 */
import { AppError, throwIfAborted, type GeneratorAdapter } from "@lorekeep/core";

/** null = the base weights. */
export type AdapterChoice = GeneratorAdapter | null;

export interface PlaceGroup<Place> {
  /** As many as may run at once. */
  readonly places: readonly Place[];
  close(): Promise<void>;
}
export interface AdapterPlacesOptions<Place> {
  open(adapter: AdapterChoice): Promise<PlaceGroup<Place>>;
  readonly running: number;
  readonly maxWaiting: number;
  /** Groups with an adapter that may be open at once, at least 1; the base is not counted. */
  readonly maxGroups: number;
}
export interface Lease<Place> {
  readonly place: Place;
  /** Exactly once, in a finally. */
  give(): void;
}

interface Group<Place> {
  readonly key: string;
  readonly opening: Promise<PlaceGroup<Place>>;
  readonly free: Place[];
  /** Leases given or promised. */
  users: number;
}
interface Waiter<Place> {
  readonly adapter: AdapterChoice;
  readonly enter: (group: Group<Place>) => void;
  readonly fail: (error: AppError) => void;
}

const BASE = "";
/** Scale 0 is the base exactly. */
function keyOf(adapter: AdapterChoice): string {
  return adapter === null || adapter.scale === 0 ? BASE : `${adapter.scale}:${adapter.path}`;
}

export class AdapterPlaces<Place> {
  readonly #options: AdapterPlacesOptions<Place>;
  /** The longest unused first. */
  readonly #groups = new Map<string, Group<Place>>();
  readonly #waiting: Waiter<Place>[] = [];
  readonly #closing = new Set<Promise<void>>();
  #running = 0;

  constructor(options: AdapterPlacesOptions<Place>) {
    this.#options = options;
  }

  /** How many groups with an adapter are open. */
  get openGroups(): number {
    return this.#groups.size - (this.#groups.has(BASE) ? 1 : 0);
  }

  /** `suits` gives the free place with the highest number. Throws model_busy, aborted, and what `open` throws. */
  async take(adapter: AdapterChoice, suits: (place: Place) => number, signal?: AbortSignal): Promise<Lease<Place>> {
    throwIfAborted(signal);
    const mustWait = this.#waiting.length > 0 || !this.#hasRoom(keyOf(adapter));
    if (mustWait && this.#waiting.length >= this.#options.maxWaiting)
      throw new AppError("model_busy", `${this.#waiting.length} answers are waiting already. Try again in a moment.`, {
        waiting: this.#waiting.length,
      });
    const group = await this.#enter(adapter, signal);
    try {
      await group.opening;
      throwIfAborted(signal);
    } catch (error) {
      this.#leave(group);
      throw error;
    }
    const place = group.free.reduce((a, b) => (suits(b) > suits(a) ? b : a));
    group.free.splice(group.free.indexOf(place), 1);
    const give = (): void => {
      group.free.push(place);
      this.#leave(group);
    };
    return { place, give };
  }

  /** Turns everyone away who waits. */
  failWaiting(error: AppError): void {
    for (const waiter of this.#waiting.splice(0)) waiter.fail(error);
  }

  /** Every lease must have been given back. */
  async close(): Promise<void> {
    for (const group of [...this.#groups.values()]) void this.#dismiss(group);
    await Promise.all(this.#closing);
  }

  async #enter(adapter: AdapterChoice, signal: AbortSignal | undefined): Promise<Group<Place>> {
    let onAbort = (): void => undefined;
    try {
      return await new Promise<Group<Place>>((enter, fail) => {
        const waiter: Waiter<Place> = { adapter, enter, fail };
        this.#waiting.push(waiter);
        onAbort = () => {
          const at = this.#waiting.indexOf(waiter);
          if (at < 0) return; // it has a place: `take` notices the signal
          this.#waiting.splice(at, 1);
          fail(new AppError("aborted", "The request was stopped.", {}, { cause: signal?.reason }));
          this.#admit();
        };
        signal?.addEventListener("abort", onAbort, { once: true });
        this.#admit();
      });
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  #hasRoom(key: string): boolean {
    if (this.#running >= this.#options.running) return false;
    return key === BASE || this.#groups.has(key) || !this.#isFull || this.#idle() !== undefined;
  }

  get #isFull(): boolean {
    return this.openGroups >= this.#options.maxGroups;
  }

  #idle(): Group<Place> | undefined {
    return [...this.#groups.values()].find((group) => group.users === 0 && group.key !== BASE);
  }

  /** Strictly in order: the first in line is never overtaken, so no adapter starves another. */
  #admit(): void {
    for (;;) {
      const first = this.#waiting[0];
      if (first === undefined || !this.#hasRoom(keyOf(first.adapter))) return;
      this.#waiting.shift();
      const group = this.#groupOf(first.adapter);
      group.users += 1;
      this.#running += 1;
      first.enter(group);
    }
  }

  #groupOf(adapter: AdapterChoice): Group<Place> {
    const key = keyOf(adapter);
    const known = this.#groups.get(key);
    if (known !== undefined) {
      this.#groups.delete(key); // to the end: it is the latest used
      this.#groups.set(key, known);
      return known;
    }
    const idle = key === BASE || !this.#isFull ? undefined : this.#idle();
    const room = idle === undefined ? Promise.resolve() : this.#dismiss(idle);
    const free: Place[] = [];
    const opening = room
      .then(() => this.#options.open(key === BASE ? null : adapter))
      .then((opened) => {
        free.push(...opened.places);
        return opened;
      });
    const group: Group<Place> = { key, opening, free, users: 0 };
    this.#groups.set(key, group);
    opening.catch(() => {
      if (this.#groups.get(key) === group) this.#groups.delete(key); // the next request tries again
    });
    return group;
  }

  #dismiss(group: Group<Place>): Promise<void> {
    this.#groups.delete(group.key);
    const closing = group.opening
      .then((opened) => opened.close())
      .catch(() => undefined) // one that never opened has nothing to close
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
    return closing;
  }

  #leave(group: Group<Place>): void {
    group.users -= 1;
    this.#running -= 1;
    this.#admit();
  }
}
