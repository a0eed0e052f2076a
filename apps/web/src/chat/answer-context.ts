import { createContext } from "react";
import { EMPTY_ANSWER, type AnswerState } from "./answer-state.ts";
import type { CitationResponse } from "@lorekeep/core";

/** What a citation chip deep inside the markdown needs to know. */
export const AnswerContext = createContext<{ answer: AnswerState; openCitation: (citation: CitationResponse) => void }>(
  {
    answer: EMPTY_ANSWER,
    openCitation: () => undefined,
  },
);
