import { describe, expect, test } from "vitest";
import { SearchEffort } from "./search-effort.ts";

function observe(effort: SearchEffort, recall: number, windows: number) {
  for (let i = 0; i < 16 * windows; i += 1) effort.observe(recall);
}

describe("search effort", () => {
  test("starts with what was measured, grows with the number of vectors, and always exceeds k", () => {
    const effort = new SearchEffort();
    expect(effort.candidates(17_000, 10)).toBe(210);
    expect(effort.candidates(100_000, 10)).toBeGreaterThan(500);
    expect(effort.candidates(10, 100)).toBeGreaterThanOrEqual(148);
  });

  test("rises while recall is too low, up to a limit", () => {
    const effort = new SearchEffort();
    const start = effort.candidates(17_000, 0);
    observe(effort, 0.9, 1);
    expect(effort.candidates(17_000, 0)).toBe(Math.round(start * 1.3));
    observe(effort, 0.9, 100);
    expect(effort.candidates(17_000, 0)).toBe(8 * start);
  });

  test("falls slowly while recall is ample, down to a limit", () => {
    const effort = new SearchEffort();
    const start = effort.candidates(17_000, 0);
    observe(effort, 1, 1);
    expect(effort.candidates(17_000, 0)).toBe(Math.round(start * 0.9));
    observe(effort, 1, 100);
    expect(effort.candidates(17_000, 0)).toBe(start / 4);
  });

  test("stays while recall is right, and does not jump at single searches", () => {
    const effort = new SearchEffort();
    const start = effort.candidates(17_000, 0);
    observe(effort, 0.985, 10);
    effort.observe(0);
    expect(effort.candidates(17_000, 0)).toBe(start);
  });
});
