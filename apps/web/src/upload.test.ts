import { ClientError } from "@lorekeep/client";
import { expect, test } from "vitest";
import { readAnswer, sendPatiently } from "./upload.ts";

test("reads the item of an accepted file", () => {
  const item = { id: "doc_1", name: "a.txt", status: "queued", duplicateOf: "doc_0" };
  expect(readAnswer(202, JSON.stringify({ items: [item] }))).toEqual(item);
});

test("turns problem details into an error with its code and words", () => {
  const problem = {
    type: "about:blank",
    title: "Unsupported",
    status: 415,
    code: "document_format_unsupported",
    detail: "x.exe is a program.",
    requestId: "r1",
  };
  expect(() => readAnswer(415, JSON.stringify(problem))).toThrow(
    expect.objectContaining({ code: "document_format_unsupported", detail: "x.exe is a program.", requestId: "r1" }),
  );
});

test("an answer that is no JSON is an error, too large when the status says so", () => {
  expect(() => readAnswer(413, "<html>")).toThrow(expect.objectContaining({ code: "document_too_large" }));
  expect(() => readAnswer(200, "<html>")).toThrow(expect.objectContaining({ code: "unexpected" }));
});

const busy = (retryAfter: string | null) => () => readAnswer(429, "{}", retryAfter);

test("waits as long as a busy server asks, then sends again", async () => {
  const answers = [busy("2"), busy("7"), () => readAnswer(202, '{"items":[{"id":"d","name":"n","status":"queued"}]}')];
  const waited: number[] = [];
  const item = await sendPatiently(
    async () => answers.shift()!(),
    async (seconds) => void waited.push(seconds),
  );
  expect(item.id).toBe("d");
  expect(waited).toEqual([2, 7]);
});

test("gives up on a server that stays busy, and at once on one that names no time or fails otherwise", async () => {
  const tries = async (answer: () => unknown) => {
    let count = 0;
    const sent = sendPatiently(
      async () => {
        count += 1;
        return answer();
      },
      async () => undefined,
    );
    await expect(sent).rejects.toBeInstanceOf(ClientError);
    return count;
  };
  expect(await tries(busy("1"))).toBe(6);
  expect(await tries(busy(null))).toBe(1);
  expect(await tries(busy("soon"))).toBe(1);
  expect(await tries(() => readAnswer(503, "{}", "1"))).toBe(1);
});
