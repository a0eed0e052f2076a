import { expect, test } from "vitest";
import type { Message } from "@lorekeep/core";
import { turnsOf } from "./chat-turn.ts";

const message = (role: Message["role"], text: string, more: Partial<Message> = {}): Message =>
  ({ role, text, status: "complete", condensedQuestion: null, ...more }) as Message; // all that turnsOf reads

test("a question carries what its own answer resolved it to, also after one whose answer failed", () => {
  const turns = turnsOf([
    message("user", "lost?"),
    message("assistant", "", { status: "failed" }),
    message("user", "and the second?"),
    message("assistant", "Two.", { condensedQuestion: "the second gate" }),
    message("user", "the third?"),
  ]);
  expect(turns.map(({ text }) => text)).toEqual(["lost?", "and the second?", "Two.", "the third?"]);
  expect(turns.map((turn) => ("condensedQuestion" in turn ? turn.condensedQuestion : null))).toEqual([
    null,
    "the second gate",
    null,
    null,
  ]);
});
