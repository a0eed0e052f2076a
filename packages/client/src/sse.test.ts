import fc from "fast-check";
import { expect, test } from "vitest";
import { chatEventSchema } from "@lorekeep/core";
import { parseEventStream, readEvents } from "./sse.ts";

function streamOf(bytes: Uint8Array, cuts: readonly number[], onCancel = () => {}): ReadableStream<Uint8Array> {
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  let index = 0;
  return new ReadableStream({
    pull(controller) {
      if (index + 1 >= edges.length) return controller.close();
      controller.enqueue(bytes.slice(edges[index], edges[index + 1]));
      index += 1;
    },
    cancel: onCancel,
  });
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test("gives the same events however the bytes are cut, with every kind of line end", async () => {
  const wire =
    "\uFEFF: beat\r\nevent: text-delta\r\ndata: 你好\r\ndata: line two\r\n\r\ndata: a\n\nid: 7\rdata:b\r\rdata: lost";
  const bytes = new TextEncoder().encode(wire);
  const expected = [
    { event: "text-delta", data: "你好\nline two" },
    { event: "message", data: "a" },
    { event: "message", data: "b" },
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 12 }), async (cuts) => {
      expect(await collect(parseEventStream(streamOf(bytes, cuts)))).toEqual(expected);
    }),
    { seed: 7, numRuns: 200 },
  );
});

test("cancels the stream when the reader leaves early", async () => {
  let cancelled = false;
  const bytes = new TextEncoder().encode("data: 1\n\ndata: 2\n\n");
  const stream = streamOf(bytes, [9], () => {
    cancelled = true;
  });
  for await (const event of parseEventStream(stream)) {
    expect(event.data).toBe("1");
    break;
  }
  expect(cancelled).toBe(true);
});

test("skips events that it does not know and checks those that it does", async () => {
  const wire =
    'event: from-the-future\ndata: {"type":"from-the-future"}\n\nevent: text-delta\ndata: {"type":"text-delta","text":"hi"}\n\nevent: condensed\ndata: {"question":"q"}\n\n';
  const response = new Response(streamOf(new TextEncoder().encode(wire), []));
  expect(await collect(readEvents(response, chatEventSchema))).toEqual([
    { type: "text-delta", text: "hi" },
    { type: "condensed", question: "q" },
  ]);
});
