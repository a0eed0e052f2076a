/** Says of an answer that the verdict was narrow: the passages are about the question and may still not state what is asked. */
import { CircleHelp } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Badge } from "../ui/badge.tsx";
import type { AnswerState } from "./answer-state.ts";
import { isUncertain } from "./certainty.ts";

export function CertaintyNote({ answer }: { answer: AnswerState }) {
  const { t } = useTranslation();
  if (answer.phase !== "done" || answer.refusal !== null || answer.text === "" || !isUncertain(answer.trace))
    return null;
  return (
    <Badge>
      <CircleHelp aria-hidden className="size-3" />
      <span data-testid="uncertain">{t("chat.uncertain")}</span>
    </Badge>
  );
}
