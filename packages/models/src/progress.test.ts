import { expect, test } from "vitest";
import { progressMeter } from "./progress.ts";

function meterAt(): { at: (ms: number) => void; read: ReturnType<typeof progressMeter> } {
  let nowMs = 0;
  const read = progressMeter({ now: () => new Date(nowMs) });
  return { at: (ms) => (nowMs = ms), read };
}

test("tells the rate of the last seconds and when it will end", () => {
  const { at, read } = meterAt();
  expect(read(0, 1000)).toEqual({ doneBytes: 0, totalBytes: 1000, bytesPerSecond: 0, etaSeconds: null });
  at(1000);
  expect(read(200, 1000)).toEqual({ doneBytes: 200, totalBytes: 1000, bytesPerSecond: 200, etaSeconds: 4 });
  at(10_000);
  read(210, 1000);
  at(11_000);
  expect(read(310, 1000).bytesPerSecond).toBe(100);
});

test("has no end in sight while the size is unknown, and starts over when a download does", () => {
  const { at, read } = meterAt();
  read(500, null);
  at(1000);
  expect(read(700, null)).toMatchObject({ bytesPerSecond: 200, etaSeconds: null });
  at(2000);
  expect(read(10, null).bytesPerSecond).toBe(0);
});
