import type { Evaluation } from "@lorekeep/core";
import { useTranslation } from "react-i18next";
import { Badge, type Tone } from "../ui/badge.tsx";

const TONES: Record<Evaluation["status"], Tone> = {
  queued: "neutral",
  running: "accent",
  succeeded: "good",
  failed: "danger",
  cancelled: "neutral",
};

export function EvaluationStatus({ status }: { status: Evaluation["status"] }) {
  const { t } = useTranslation();
  return (
    <Badge tone={TONES[status]} pulse={status === "running"}>
      {t(`jobs.status.${status}`)}
    </Badge>
  );
}
