import { expect, test } from "vitest";
import { createTrainingControl, openBrake, REST_SHARE, type BrakeClock } from "./brake.ts";

/** A clock whose waits end by running the next of `events`, or else by their timeout. */
function scriptedClock(events: (() => void)[] = []) {
  const clock = { at: 0, waits: [] as (number | undefined)[] };
  const driver: BrakeClock = {
    now: () => clock.at,
    wait: (_words, _word, timeoutMs) => {
      clock.waits.push(timeoutMs);
      const event = events.shift();
      if (event !== undefined) event();
      else clock.at += timeoutMs ?? 0;
    },
  };
  return { clock, driver };
}

test("lets a free run go on without waiting", () => {
  const { clock, driver } = scriptedClock();
  const brake = openBrake(createTrainingControl().words, driver);
  expect(brake.mayGoOn()).toBe(true);
  expect(clock.waits).toEqual([]);
});

test("rests three times as long as the batch took while somebody is answered", () => {
  const control = createTrainingControl();
  const { clock, driver } = scriptedClock();
  const brake = openBrake(control.words, driver);
  brake.mayGoOn();
  clock.at += 700;
  control.setBusy(true);
  expect(brake.mayGoOn()).toBe(true);
  expect(clock.waits).toEqual([REST_SHARE * 700]);
  expect(brake.waitedMs).toBe(REST_SHARE * 700);
  control.setBusy(false);
  clock.at += 700;
  brake.mayGoOn();
  expect(clock.waits).toHaveLength(1);
});

test("waits out a pause without a time limit", () => {
  const control = createTrainingControl();
  const { clock, driver } = scriptedClock([() => undefined, () => control.resume()]);
  control.pause();
  expect(openBrake(control.words, driver).mayGoOn()).toBe(true);
  expect(clock.waits).toEqual([undefined, undefined]);
});

test("cancelling ends a pause and a rest", () => {
  const control = createTrainingControl();
  const { driver } = scriptedClock([() => control.cancel()]);
  control.pause();
  const brake = openBrake(control.words, driver);
  expect(brake.mayGoOn()).toBe(false);
  expect(brake.mayGoOn()).toBe(false);
});
