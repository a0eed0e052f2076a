import { expect, test } from "vitest";
import { collectGarbage } from "./collect-garbage.ts";

test("what nobody refers to any more is collected, and gc stays hidden", () => {
  const gone = new WeakRef(makeGarbage());
  const kept = { bytes: makeGarbage() };
  collectGarbage();
  return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
    collectGarbage();
    expect(gone.deref()).toBeUndefined();
    expect(kept.bytes.length).toBe(1000);
    expect("gc" in globalThis).toBe(false);
  });
});

function makeGarbage(): number[] {
  return Array.from({ length: 1000 }, (_, i) => i);
}
