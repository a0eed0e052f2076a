import type { ModelStatus } from "@lorekeep/core";
import { useTranslation } from "react-i18next";
import { Badge, type Tone } from "../ui/badge.tsx";

const TONES: Record<ModelStatus["state"], Tone> = {
  ready: "good",
  loading: "accent",
  downloading: "accent",
  missing: "neutral",
  failed: "danger",
};

export function ModelState({ model }: { model: ModelStatus }) {
  const { t } = useTranslation();
  return (
    <Badge tone={TONES[model.state]} pulse={model.state === "loading" || model.state === "downloading"}>
      {t(`models.states.${model.state}`)}
    </Badge>
  );
}
