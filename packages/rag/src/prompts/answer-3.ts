/**
 * The answering prompt, version 3: asks for the words of the passages and for a refusal where they do not say it. Beside version 2, to be
 * tried on a question set before it serves; larger generators behind an API follow it better than the smallest ones that come along.
 */
import { ANSWER_2 } from "./answer-2.ts";

export const ANSWER_3 = {
  ...ANSWER_2,
  version: "answer-3",
  instructions: [
    "Answer the question in its own language, from the passages only.",
    "Keep to the words of the passages: names, numbers and dates exactly as they stand there.",
    "One or two short sentences; a list only when the passages list what is asked for.",
    "If the passages do not say it, answer only: The documents do not say.",
  ].join(" "),
} as const;
