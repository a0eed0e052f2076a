/** Thumbs up at once; thumbs down asks, optionally, what was wrong and what would be right. */
import type { MessageResponse } from "@lorekeep/core";
import { Link } from "@tanstack/react-router";
import { ThumbsDown, ThumbsUp } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFeedback } from "../queries.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { SelectField, TextArea } from "../ui/field.tsx";
import { toast } from "../ui/toast.tsx";

const REASONS = ["wrong", "incomplete", "wrong_source", "should_have_answered", "other"] as const;

export function Feedback({ messageId, given }: { messageId: string; given: MessageResponse["feedback"] }) {
  const { t } = useTranslation();
  const feedback = useFeedback();
  const [asking, setAsking] = useState(false);
  const [sent, setSent] = useState<1 | -1 | null>(null);
  const [kept, setKept] = useState<"good" | "correction" | "bad" | null>(null);
  const rating = sent ?? given?.rating ?? null;
  const good = async () => {
    try {
      await feedback.mutateAsync({ id: messageId, feedback: { rating: 1 } });
      setSent(1);
      setKept("good");
    } catch {
      toast(t("chat.feedback.failed"));
    }
  };
  return (
    <>
      <IconButton
        small
        icon={ThumbsUp}
        label={t("chat.feedback.good")}
        pressed={rating === 1}
        onClick={() => void good()}
      />
      <IconButton
        small
        icon={ThumbsDown}
        label={t("chat.feedback.bad")}
        pressed={rating === -1}
        onClick={() => setAsking(true)}
      />
      {asking && (
        <WhatWasWrong
          messageId={messageId}
          given={given}
          onSent={(corrected) => {
            setSent(-1);
            setAsking(false);
            setKept(corrected ? "correction" : "bad");
          }}
          onClose={() => setAsking(false)}
        />
      )}
      <Kept what={kept} />
    </>
  );
}

/** Says quietly what becomes of it. */
function Kept({ what }: { what: "good" | "correction" | "bad" | null }) {
  const { t } = useTranslation();
  return (
    <span role="status" className="order-last basis-full ps-2 text-[13px] text-muted empty:hidden">
      {what !== null && (
        <span data-testid="feedback-kept" className="inline-block pt-1">
          {t(`chat.feedback.kept.${what}`)}{" "}
          {what !== "bad" && (
            <Link
              to="/admin/adapt/datasets"
              className="underline decoration-ink/30 underline-offset-2 hover:text-ink hover:decoration-ink"
            >
              {t("chat.feedback.seeExamples")}
            </Link>
          )}
        </span>
      )}
    </span>
  );
}

interface WhatWasWrongProps {
  messageId: string;
  given: MessageResponse["feedback"];
  onSent: (corrected: boolean) => void;
  onClose: () => void;
}

function WhatWasWrong({ messageId, given, onSent, onClose }: WhatWasWrongProps) {
  const { t } = useTranslation();
  const feedback = useFeedback();
  const [reason, setReason] = useState<string>(given?.reason ?? "wrong");
  const [correction, setCorrection] = useState(given?.correction ?? "");
  const send = () => {
    const text = correction.trim();
    feedback.mutate(
      { id: messageId, feedback: { rating: -1, reason, ...(text === "" ? {} : { correction: text }) } },
      { onSuccess: () => onSent(text !== "") },
    );
  };
  return (
    <Dialog title={t("chat.feedback.title")} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <SelectField
          label={t("chat.feedback.reason")}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          options={REASONS.map((value) => ({ value, label: t(`chat.feedback.reasons.${value}`) }))}
        />
        <TextArea
          label={t("chat.feedback.correction")}
          hint={t("chat.feedback.correctionHint")}
          value={correction}
          maxLength={20_000}
          rows={4}
          onChange={(event) => setCorrection(event.target.value)}
        />
        {feedback.error !== null && <ErrorNote error={feedback.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" weight="primary" busy={feedback.isPending}>
            {t("chat.feedback.send")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
