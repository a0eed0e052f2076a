import { expect, test } from "vitest";
import { readAnswer } from "./upload.ts";

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
