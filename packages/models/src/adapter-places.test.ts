import { expect, test } from "vitest";
import { AppError, type GeneratorAdapter } from "@lorekeep/core";
import { AdapterPlaces, type AdapterChoice, type AdapterPlacesOptions, type PlaceGroup } from "./adapter-places.ts";

const any = (): number => 0;
const adapter = (path: string, scale = 1): GeneratorAdapter => ({ path, scale });
const [A, B, C] = [adapter("a"), adapter("b"), adapter("c")];

/** Groups with `running` places named after their adapter, and a log of what was opened and closed. */
function open(changes: Partial<AdapterPlacesOptions<string>> = {}): { places: AdapterPlaces<string>; log: string[] } {
  const log: string[] = [];
  const running = changes.running ?? 2;
  const group = (choice: AdapterChoice): PlaceGroup<string> => {
    const name = choice === null ? "base" : `${choice.path}${choice.scale}`;
    return {
      places: Array.from({ length: running }, (_, i) => `${name}#${i}`),
      close: async () => void log.push(`-${name}`),
    };
  };
  const places = new AdapterPlaces<string>({
    open: async (choice) => {
      log.push(`+${choice === null ? "base" : choice.path + String(choice.scale)}`);
      return group(choice);
    },
    running,
    maxWaiting: 10,
    maxGroups: 1,
    ...changes,
  });
  return { places, log };
}

test("gives the free place of the adapter that suits best", async () => {
  const { places } = open();
  const last = (place: string): number => Number(place.at(-1));
  expect((await places.take(null, last)).place).toBe("base#1");
  expect((await places.take(null, last)).place).toBe("base#0");
});

test("opens an adapter once, keeps it, and closes the longest unused one for another", async () => {
  const { places, log } = open({ maxGroups: 2 });
  for (const choice of [A, B, A, C, B]) (await places.take(choice, any)).give();
  expect(log).toEqual(["+a1", "+b1", "-b1", "+c1", "-a1", "+b1"]);
  expect(places.openGroups).toBe(2);
});

test("takes another scale for another adapter, and scale 0 for the base", async () => {
  const { places, log } = open({ maxGroups: 2 });
  expect((await places.take(adapter("a", 0), any)).place).toMatch(/^base/);
  (await places.take(adapter("a", 0.5), any)).give();
  (await places.take(A, any)).give();
  expect(log).toEqual(["+base", "+a0.5", "+a1"]);
});

test("never closes an adapter that is answering: the next one waits, in order", async () => {
  const { places, log } = open({ running: 3 });
  const held = await places.take(A, any);
  const order: string[] = [];
  const waitingB = places.take(B, any).then((lease) => {
    order.push("B");
    return lease;
  });
  const waitingA = places.take(A, any).then((lease) => {
    order.push("A");
    return lease;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual([]); // A would have room, but B came first and must not starve
  held.give();
  (await waitingB).give();
  (await waitingA).give();
  expect(order).toEqual(["B", "A"]);
  expect(log).toEqual(["+a1", "-a1", "+b1", "-b1", "+a1"]);
});

test("counts all adapters together and turns away past the queue", async () => {
  const { places } = open({ running: 1, maxWaiting: 1 });
  const held = await places.take(null, any);
  const waiting = places.take(A, any);
  await expect(places.take(null, any)).rejects.toMatchObject({ code: "model_busy" });
  held.give();
  (await waiting).give();
});

test("forgets a caller that stopped waiting, and lets the next one in", async () => {
  const { places } = open();
  const held = await places.take(A, any);
  const controller = new AbortController();
  const stopped = places.take(B, any, controller.signal);
  const behind = places.take(null, any);
  controller.abort();
  await expect(stopped).rejects.toMatchObject({ code: "aborted" });
  (await behind).give();
  held.give();
});

test("tells why an adapter cannot be opened, and tries again the next time", async () => {
  let tries = 0;
  const { places } = open({
    open: async () => {
      tries += 1;
      if (tries === 1) throw new AppError("model_failed", "It does not fit.");
      return { places: ["x", "y"], close: async () => undefined };
    },
  });
  await expect(places.take(A, any)).rejects.toMatchObject({ code: "model_failed" });
  expect(places.openGroups).toBe(0);
  expect((await places.take(A, any)).place).toBe("x");
});

test("turns everyone away when told to, and closes what is open", async () => {
  const { places, log } = open({ running: 1 });
  const held = await places.take(A, any);
  const waiting = places.take(null, any);
  places.failWaiting(new AppError("aborted", "Closed."));
  await expect(waiting).rejects.toMatchObject({ code: "aborted" });
  held.give();
  await places.close();
  expect(log.sort()).toEqual(["+a1", "-a1"]);
});
