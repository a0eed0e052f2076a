import { useTranslation } from "react-i18next";
import type { AnswerState } from "./answer-state.ts";

/** Tells screen readers where the answer stands: not every word as it comes, but the whole once it is checked. */
export function Announcer({ live }: { live: AnswerState | null }) {
  const { t } = useTranslation();
  return (
    <p role="status" aria-live="polite" className="sr-only">
      {live === null
        ? ""
        : live.phase === "done"
          ? t("chat.announceDone", { text: live.text })
          : live.phase === "failed"
            ? t("chat.announceFailed")
            : t("chat.announceWriting")}
    </p>
  );
}
