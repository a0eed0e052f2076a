import type { FineTune } from "@lorekeep/core";
import { useTranslation } from "react-i18next";
import { Badge, type Tone } from "../ui/badge.tsx";

const TONES: Record<FineTune["status"], Tone> = {
  queued: "neutral",
  running: "accent",
  paused: "warn",
  succeeded: "good",
  failed: "danger",
  cancelled: "neutral",
  rejected: "warn",
};

export function RunStatus({ status }: { status: FineTune["status"] }) {
  const { t } = useTranslation();
  return (
    <Badge tone={TONES[status]} pulse={status === "running"}>
      {t(`adapt.runs.status.${status}`)}
    </Badge>
  );
}
