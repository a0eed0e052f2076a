import { expect, test } from "vitest";
import { AppError } from "@lorekeep/core";
import { Slots } from "./slots.ts";

const any = (): number => 0;

test("gives the free place that suits best", async () => {
  const slots = new Slots(["a", "bbb", "cc"], 0);
  expect(await slots.take((place) => place.length)).toBe("bbb");
  expect(await slots.take((place) => place.length)).toBe("cc");
});

test("lets the others wait in order and turns away past the limit", async () => {
  const slots = new Slots(["only"], 2);
  const place = await slots.take(any);
  const order: number[] = [];
  const second = slots.take(any).then(() => order.push(2));
  const third = slots.take(any).then(() => order.push(3));
  await expect(slots.take(any)).rejects.toMatchObject({ code: "model_busy" });
  slots.give(place);
  await second;
  slots.give(place);
  await third;
  expect(order).toEqual([2, 3]);
});

test("forgets a caller that stopped waiting", async () => {
  const slots = new Slots(["only"], 1);
  const place = await slots.take(any);
  const controller = new AbortController();
  const waiting = slots.take(any, controller.signal);
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: "aborted" });
  slots.give(place);
  expect(await slots.take(any)).toBe("only");
});

test("turns everyone away when told to", async () => {
  const slots = new Slots(["only"], 5);
  await slots.take(any);
  const waiting = slots.take(any);
  slots.failWaiting(new AppError("aborted", "Closed."));
  await expect(waiting).rejects.toMatchObject({ code: "aborted" });
});
