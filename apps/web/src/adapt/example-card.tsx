/** One example: question, right answer, what is wrong with it, its passages with the one that holds the answer marked. */
import type { Example, ExamplePassage } from "@lorekeep/core";
import clsx from "clsx";
import { Check, ChevronRight, Pencil, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Badge, type Tone } from "../ui/badge.tsx";
import { IconButton } from "../ui/button.tsx";
import { ExampleForm } from "./example-form.tsx";

const TONES: Record<Example["status"], Tone> = { pending: "neutral", approved: "good", rejected: "danger" };

interface ExampleCardProps {
  datasetId: string;
  example: Example;
  editing: boolean;
  unfolded: boolean;
  onEdit: () => void;
  onEdited: () => void;
  onUnfold: () => void;
  onDecide: (status: Example["status"]) => void;
}

export function ExampleCard(props: ExampleCardProps) {
  const { t } = useTranslation();
  const { example, editing, unfolded } = props;
  return (
    <>
      <div className="flex items-start justify-between gap-2 text-[13px] text-muted">
        <div className="flex min-w-0 flex-wrap items-center gap-2">
          <Badge tone={TONES[example.status]}>{t(`adapt.examples.status.${example.status}`)}</Badge>
          <span>
            {t(`adapt.examples.sources.${example.source}`)} · {t(`adapt.examples.split.${example.split}`)}
          </span>
        </div>
        <Decide {...props} />
      </div>
      {editing ? (
        <ExampleForm datasetId={props.datasetId} example={example} onDone={props.onEdited} />
      ) : (
        <div className={clsx("mt-3", example.status === "rejected" && "text-muted line-through decoration-ink/20")}>
          <p className="font-medium break-words whitespace-pre-wrap">{example.question}</p>
          {example.answerable && example.answer !== null ? (
            <p className="mt-1.5 font-serif text-[0.98rem] leading-relaxed break-words whitespace-pre-wrap">
              {example.answer}
            </p>
          ) : (
            <p className="mt-1.5 text-muted italic">{t("adapt.examples.refuses")}</p>
          )}
          {example.rejectedAnswer !== null && (
            <p className="mt-2 border-s-2 border-danger/50 ps-3 text-sm break-words text-muted">
              <span className="block text-[13px] font-medium text-danger">{t("adapt.examples.rejectedAnswer")}</span>
              {example.rejectedAnswer}
            </p>
          )}
        </div>
      )}
      {example.problems.length > 0 && (
        <ul className="mt-3 flex flex-col gap-0.5 text-sm text-warn">
          {example.problems.map((problem) => (
            <li key={problem}>{t(`adapt.examples.problemSentences.${problem}`)}</li>
          ))}
        </ul>
      )}
      {example.passages.length > 0 && (
        <div className="mt-3">
          <button
            type="button"
            aria-expanded={unfolded}
            onClick={props.onUnfold}
            className="inline-flex items-center gap-1 rounded text-[13px] text-muted hover:text-ink"
          >
            <ChevronRight aria-hidden className={clsx("size-3.5 transition-transform", unfolded && "rotate-90")} />
            {t("chat.passages", { count: example.passages.length })}
          </button>
          {unfolded && <Passages passages={example.passages} />}
        </div>
      )}
    </>
  );
}

function Decide({ example, onDecide, onEdit }: ExampleCardProps) {
  const { t } = useTranslation();
  return (
    <span className="-me-2 -mt-1 flex shrink-0 gap-0.5">
      <IconButton
        small
        icon={Check}
        label={t("adapt.examples.keys.approve")}
        pressed={example.status === "approved"}
        onClick={() => onDecide(example.status === "approved" ? "pending" : "approved")}
      />
      <IconButton
        small
        icon={X}
        label={t("adapt.examples.keys.reject")}
        pressed={example.status === "rejected"}
        onClick={() => onDecide(example.status === "rejected" ? "pending" : "rejected")}
      />
      <IconButton small icon={Pencil} label={t("adapt.examples.keys.edit")} onClick={onEdit} />
    </span>
  );
}

function Passages({ passages }: { passages: readonly ExamplePassage[] }) {
  const { t } = useTranslation();
  return (
    <ol className="mt-2 flex flex-col gap-2">
      {passages.map((passage, index) => (
        <li
          key={index}
          className={clsx(
            "rounded-lg border-s-2 bg-sunk px-3.5 py-2.5 text-sm",
            passage.gold ? "border-mark-line" : "border-line",
          )}
        >
          <p className="flex flex-wrap items-center gap-2 text-[13px] text-muted">
            <span className="break-words">{passage.title === "" ? t("adapt.examples.untitled") : passage.title}</span>
            {passage.gold && <Badge tone="warn">{t("adapt.examples.gold")}</Badge>}
          </p>
          <p className="mt-1 font-serif leading-relaxed break-words whitespace-pre-wrap">{passage.text}</p>
        </li>
      ))}
    </ol>
  );
}
