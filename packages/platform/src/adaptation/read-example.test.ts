import { expect, test } from "vitest";
import { parseLine, toDraft } from "./read-example.ts";

const passages = [
  { title: "Pump", text: "The pump is blue." },
  { title: "Valve", text: "The valve is red." },
];

test("an example keeps what it says, and the passage that holds its answer becomes the right one", () => {
  const draft = toDraft(
    { id: "1", question: " Which colour? ", answer: "blue", rejected: "red", passages },
    0,
    "pending",
  );
  expect(draft).toMatchObject({
    ...{ externalId: "1", question: "Which colour?", answer: "blue", rejectedAnswer: "red", answerable: true },
    ...{ group: "Pump", language: "en", status: "pending", source: "upload" },
  });
  expect(draft.passages.map(({ gold }) => gold)).toEqual([true, false]);
});

test("the first of several answers counts; none, null, and a refusal in words mean unanswerable", () => {
  expect(toDraft({ question: "q", answers: ["a", "b"] }, 0, "approved").answer).toBe("a");
  for (const answer of [undefined, null, "  ", "The passages do not answer this question."])
    expect(toDraft({ question: "q", answer }, 0, "approved")).toMatchObject({ answer: null, answerable: false });
  expect(toDraft({ question: "q", answer: "a", answerable: false }, 0, "approved").answer).toBeNull();
});

test("examples about one text are one group, those without a text stand alone", () => {
  const untitled = [{ title: "", text: "水泵是蓝色的。" }];
  const groups = [
    toDraft({ question: "q1", passages: untitled }, 1, "approved"),
    toDraft({ question: "q2", passages: untitled }, 2, "approved"),
    toDraft({ question: "q3" }, 3, "approved"),
    toDraft({ question: "q4", group: "mine", passages }, 4, "approved"),
  ].map(({ group }) => group);
  expect(groups[0]).toBe(groups[1]);
  expect(groups.slice(2)).toEqual(["example:3", "mine"]);
});

test("a line that is no example is named with what is wrong", () => {
  expect(parseLine('{"question":"多久？","answer":"每月"}', 1)).toMatchObject({ question: "多久？" });
  expect(() => parseLine("{", 7)).toThrow(/Line 7 is not JSON/);
  expect(() => parseLine('{"answer":"x"}', 8)).toThrow(/Line 8 is no example at question/);
});
