import type { DocumentResponse } from "@lorekeep/core";
import { useTranslation } from "react-i18next";
import { Badge, type Tone } from "../ui/badge.tsx";
import { codeText } from "../ui/error-text.ts";
import { ProgressBar } from "../ui/progress-bar.tsx";
import { progressOf } from "./stage-progress.ts";

const TONES: Record<DocumentResponse["status"], Tone> = {
  queued: "neutral",
  processing: "accent",
  ready: "good",
  failed: "danger",
};

/** The state as a badge; under way, the stage with its progress. */
export function DocumentStatus({ document }: { document: DocumentResponse }) {
  const { t } = useTranslation();
  const { stage, value } = progressOf(document);
  if (document.status !== "processing" || stage === null)
    return <Badge tone={TONES[document.status]}>{t(`documents.status.${document.status}`)}</Badge>;
  return (
    <span className="block max-w-36">
      <span className="mb-1 block text-[13px] text-accent">{t(`documents.stages.${stage}`)}</span>
      <ProgressBar value={value} label={t("documents.progressOf", { name: document.name })} />
    </span>
  );
}

/** Why it failed, in the reader's language, with the server's own sentence below. */
export function DocumentProblem({ document }: { document: DocumentResponse }) {
  const { t } = useTranslation();
  if (document.error === null) return null;
  return (
    <span data-testid="document-error" className="mt-1 block max-w-md text-[13px]">
      <span className="block text-danger">{codeText(document.error.code, t)}</span>
      {document.error.detail !== "" && <span className="block break-words text-muted">{document.error.detail}</span>}
    </span>
  );
}
