import { readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FIXTURES, fixture, parseHostile } from "../testing/parsed-invariants.ts";

const NAMES = readdirSync(FIXTURES).filter((name) => !name.endsWith(".ts") && name !== "readings.csv");
/** Generous against a busy machine; alone each takes milliseconds. */
const MAX_MS = 10_000;

describe("C4 S2 damaged files end in text or a clean error, in bounded time", () => {
  test.each(NAMES)("C4 %s, cut short and with flipped bytes", async (name) => {
    const original = fixture(name);
    const damage = fc.record({
      cut: fc.double({ min: 0, max: 1, noNaN: true }),
      flips: fc.array(
        fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.integer({ min: 1, max: 255 })),
        { maxLength: 8 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ cut, flips }) => {
        const bytes = Buffer.from(
          original.subarray(0, flips.length === 0 ? Math.floor(cut * original.length) : original.length),
        );
        for (const [place, mask] of flips) if (bytes.length > 0) bytes[Math.floor(place * bytes.length)]! ^= mask;
        const started = performance.now();
        await parseHostile(bytes, name);
        expect(performance.now() - started).toBeLessThan(MAX_MS);
      }),
      { seed: 42, numRuns: 12, endOnFailure: true },
    );
  });

  test.each(["txt", "md", "html", "csv", "json", "pdf", "docx"])("S2 random bytes called .%s", async (extension) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        await parseHostile(bytes, `x.${extension}`);
      }),
      { seed: 5, numRuns: 20 },
    );
  });

  test("S2 a single character repeated a million times, blanks and letters", async () => {
    for (const character of ["a", " ", "字", "-", "\t", ".", "(", "<", "{", '"']) {
      for (const name of ["x.txt", "x.html", "x.csv"]) {
        const started = performance.now();
        await parseHostile(Buffer.from(`x${character.repeat(300_000)}x`), name);
        expect(performance.now() - started, `${character} as ${name}`).toBeLessThan(MAX_MS);
      }
    }
  });
});
