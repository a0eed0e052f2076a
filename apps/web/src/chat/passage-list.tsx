/** What was found for an answer, in the order in which it was given to the writer, with the scores of both arms. */
import { citedPassage, passageMarkers } from "@lorekeep/core";
import { useTranslation } from "react-i18next";
import { usePane } from "../source/pane-state.ts";
import { PassageCard } from "../search/passage-card.tsx";
import type { AnswerState } from "./answer-state.ts";

export function PassageList({ answer }: { answer: AnswerState }) {
  const { t } = useTranslation();
  const pane = usePane();
  const cited = new Set(answer.citations.map((citation) => citedPassage(citation, answer.passages)));
  const markers = passageMarkers(answer.passages);
  return (
    <ol className="flex flex-col gap-3" aria-label={t("source.panes.passages")}>
      {answer.passages.map((passage, index) => (
        <li key={passage.chunkId}>
          <PassageCard
            passage={passage}
            marker={markers[index]!}
            cited={cited.has(passage)}
            onOpen={() => pane.openSource(passage, answer.messageId)}
          />
        </li>
      ))}
    </ol>
  );
}
