import fc from "fast-check";
import { expect, test } from "vitest";
import { linesOfBytes } from "./lines-of-bytes.ts";

async function read(bytes: Uint8Array, cuts: readonly number[], maxLineBytes = 1000): Promise<string[]> {
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  async function* chunks() {
    for (let index = 0; index + 1 < edges.length; index += 1) yield bytes.subarray(edges[index], edges[index + 1]);
  }
  const lines: string[] = [];
  for await (const line of linesOfBytes(chunks(), maxLineBytes)) lines.push(line);
  return lines;
}

test("gives the same lines however the bytes are cut, and cuts at line feeds only", async () => {
  const bytes = new TextEncoder().encode('\uFEFF{"问":"一\u2028二"}\r\n\n{"b":1}\nlast');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 12 }), async (cuts) => {
      expect(await read(bytes, cuts)).toEqual(['{"问":"一\u2028二"}', "", '{"b":1}', "last"]);
    }),
    { seed: 3, numRuns: 200 },
  );
  expect(await read(new TextEncoder().encode("a\n"), [])).toEqual(["a"]);
});

test("names the line that is not UTF-8, and refuses one that is too long", async () => {
  await expect(read(new Uint8Array([97, 10, 0xff, 10]), [])).rejects.toMatchObject({
    code: "request_invalid",
    message: "Line 2 is not valid UTF-8.",
  });
  await expect(read(new TextEncoder().encode("ab\nabcdef"), [4], 5)).rejects.toMatchObject({
    code: "request_too_large",
  });
});
