/** What every Reader must do, real or fake. `make` opens a fresh one; the suite closes it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AppError } from "../errors.ts";
import type { ReadAnswer, Reader } from "../ports/reader.ts";

export interface ReaderContractOptions {
  /** false for random weights: then where it points means nothing. */
  readonly understands?: boolean;
}

const QUESTION = "How often is the pump serviced?";
const PASSAGES = [
  "The pump is serviced every 400 operating hours.",
  "水泵每运行四百小时保养一次，由白班负责。备份脚本每晚运行。",
  "  ﬁrst   １２３ cafe\u0301 🚰🚰 ㎏\u00a0x  \n\n The \u200bpump—ok.  ",
  "",
  " \n\t ",
  "Bananas are yellow and grow in warm countries, far from any pump or script that anybody here has ever seen.",
];
/** Batches pad rows differently, so sums may come in another order. */
const SAME = 1e-2;

function expectSound(answer: ReadAnswer, passage: string): void {
  expect(Number.isFinite(answer.score)).toBe(true);
  if (answer.span === null) {
    expect(answer.text).toBe("");
    return;
  }
  const [start, end] = answer.span;
  expect(start).toBeLessThan(end);
  expect(passage.slice(start, end)).toBe(answer.text);
  expect(answer.text).toBe(answer.text.trim());
  expect(answer.text.isWellFormed()).toBe(true);
}

export function describeReader(
  name: string,
  make: () => Promise<Reader>,
  { understands = true }: ReaderContractOptions = {},
): void {
  describe(`reader contract: ${name}`, () => {
    let reader: Reader;
    beforeAll(async () => {
      reader = await make();
    });
    afterAll(() => reader.close());

    test("gives one answer per passage, each a piece of its passage without white space around", async () => {
      const answers = await reader.read(QUESTION, PASSAGES);
      expect(answers).toHaveLength(PASSAGES.length);
      for (const [i, answer] of answers.entries()) expectSound(answer, PASSAGES[i]!);
      expect(answers[0]!.span).not.toBeNull();
      expect(answers[1]!.span).not.toBeNull();
    });

    test("points at nothing where there is nothing, and is less sure of it than of anything else", async () => {
      const answers = await reader.read(QUESTION, PASSAGES);
      for (const i of [3, 4]) {
        expect(answers[i]!.span).toBeNull();
        expect(answers[i]!.score).toBeLessThan(answers[0]!.score);
      }
      expect(await reader.read(QUESTION, [])).toEqual([]);
    });

    test("answers a Chinese question about a Chinese passage with a piece of it", async () => {
      const [answer] = await reader.read("水泵多久保养一次？", [PASSAGES[1]!]);
      expectSound(answer!, PASSAGES[1]!);
      expect(answer!.text).toMatch(/\p{Script=Han}/u);
    });

    test("gives a passage the same answer whatever else is read with it", async () => {
      const [alone] = await reader.read(QUESTION, [PASSAGES[0]!]);
      const long = "It rains. ".repeat(40);
      const among = await reader.read(QUESTION, [long, ...PASSAGES, long]);
      expect(among[1]!.text).toBe(alone!.text);
      expect(Math.abs(among[1]!.score - alone!.score)).toBeLessThan(SAME);
    });

    test("reads a passage of many windows to its end", async () => {
      const long = `${"It rains in the mountains and the road is wet. ".repeat(200)}${PASSAGES[0]!}`;
      const [answer] = await reader.read(QUESTION, [long]);
      expectSound(answer!, long);
      const [short] = await reader.read(QUESTION, ["It rains in the mountains and the road is wet. "]);
      if (understands) {
        expect(answer!.span![0]).toBeGreaterThan(long.length - PASSAGES[0]!.length - 1);
        expect(answer!.score).toBeGreaterThan(short!.score);
      }
    });

    test("stops at the first passage that is enough", async () => {
      const passages = [...PASSAGES, ...PASSAGES, ...PASSAGES];
      const all = await reader.read(QUESTION, passages);
      const least = Math.min(...all.map((answer) => answer.score));
      expect(await reader.read(QUESTION, passages, { enough: least - 1 })).toHaveLength(1);
      const enough = Math.max(...all.map((answer) => answer.score)) - 2 * SAME;
      const first = all.findIndex((answer) => answer.score >= enough);
      const some = await reader.read(QUESTION, passages, { enough });
      expect(some.map((answer) => answer.text)).toEqual(all.slice(0, first + 1).map((answer) => answer.text));
      expect(await reader.read(QUESTION, passages, { enough: 1e6 })).toHaveLength(passages.length);
    });

    test("stops when told to, and works on afterwards", async () => {
      const passages = Array.from({ length: 60 }, (_, i) => `${PASSAGES[0]} ${i} `.repeat(20));
      await expect(reader.read(QUESTION, passages, { signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: "aborted",
      });
      const controller = new AbortController();
      const reading = reader.read(QUESTION, passages, { signal: controller.signal });
      controller.abort();
      await expect(reading).rejects.toMatchObject({ code: "aborted" });
      expect(await reader.read(QUESTION, PASSAGES)).toHaveLength(PASSAGES.length);
    });

    test("answers several questions at once", async () => {
      const asked = await Promise.all(PASSAGES.map((_, i) => reader.read(`${QUESTION} ${i}`, PASSAGES)));
      for (const answers of asked) expect(answers).toHaveLength(PASSAGES.length);
    });

    test.skipIf(!understands)("is surer of the passage that answers, and points at the answer", async () => {
      const [good, , , , , bad] = await reader.read(QUESTION, PASSAGES);
      expect(good!.score).toBeGreaterThan(bad!.score);
      expect(good!.text).toContain("400");
    });

    test("answers with an error after it was closed", async () => {
      const other = await make();
      await other.close();
      await expect(other.read(QUESTION, PASSAGES)).rejects.toBeInstanceOf(AppError);
    });
  });
}
