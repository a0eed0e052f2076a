import fc from "fast-check";
import { expect, test } from "vitest";
import { readEvents } from "./event-stream.ts";

async function* chunks(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}
async function read(text: string, sizes: readonly number[] = []): Promise<string[]> {
  const events: string[] = [];
  for await (const data of readEvents(chunks(new TextEncoder().encode(text), sizes))) events.push(data);
  return events;
}

test("gives the data of each event and drops comments and names", async () => {
  expect(await read(": hello\nevent: x\ndata: one\n\ndata:two\r\ndata: lines\r\n\r\ndata: last")).toEqual([
    "one",
    "two\nlines",
    "last",
  ]);
});

test("gives the same wherever the bytes are cut", async () => {
  const text = 'data: {"text":"水泵"}\n\ndata: b\r\n\r\ndata: [DONE]\n\n';
  const whole = await read(text);
  expect(whole).toEqual(['{"text":"水泵"}', "b", "[DONE]"]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 12 }), async (sizes) => {
      expect(await read(text, sizes)).toEqual(whole);
    }),
  );
});
