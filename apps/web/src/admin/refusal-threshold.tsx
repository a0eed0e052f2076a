/** The slider with its figures beside it. Nothing changes until it is said so; then the next question is judged by it. */
import type { RefusalCurveState } from "@lorekeep/core";
import clsx from "clsx";
import { useTranslation } from "react-i18next";
import { useSetThreshold } from "../collection-queries.ts";
import { Button } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Card } from "../ui/page.tsx";
import { Slider } from "../ui/slider.tsx";
import { toast } from "../ui/toast.tsx";
import { figuresAt, type ShareAt } from "./refusal-figures.ts";

interface ThresholdProps {
  state: RefusalCurveState;
  chosen: number;
  onChoose: (threshold: number | null) => void;
}

const same = (left: number, right: number) => Math.abs(left - right) < 0.005;

export function RefusalThreshold({ state, chosen, onChoose }: ThresholdProps) {
  const { t, i18n } = useTranslation();
  const save = useSetThreshold();
  const { curve, defaultThreshold, collectionId } = state;
  const shown = (threshold: number) =>
    threshold.toLocaleString(i18n.language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const apply = () =>
    save.mutate(
      { id: collectionId, threshold: chosen },
      {
        onSuccess: () => {
          onChoose(null);
          toast(t("refusals.applied"));
        },
      },
    );
  return (
    <Card className="p-5">
      <div className={clsx("grid gap-x-8 gap-y-6", curve !== null && "md:grid-cols-2")}>
        <div className="min-w-0">
          <Slider label={t("refusals.threshold")} value={chosen} step={0.01} onChange={onChoose} />
          <p aria-hidden className="mt-1 flex justify-between text-[13px] text-muted">
            <span>{t("refusals.scale.low")}</span>
            <span>{t("refusals.scale.high")}</span>
          </p>
          <div className="mt-4 flex flex-wrap items-center gap-2">
            {curve !== null && (
              <Button size="sm" disabled={same(chosen, curve.recommended)} onClick={() => onChoose(curve.recommended)}>
                {t("refusals.recommended", { threshold: shown(curve.recommended) })}
              </Button>
            )}
            <Button size="sm" disabled={same(chosen, defaultThreshold)} onClick={() => onChoose(defaultThreshold)}>
              {t("refusals.default", { threshold: shown(defaultThreshold) })}
            </Button>
          </div>
        </div>
        {curve !== null && <Figures {...figuresAt(curve, chosen)} />}
      </div>
      {save.error !== null && (
        <div className="mt-4">
          <ErrorNote error={save.error} />
        </div>
      )}
      <div className="mt-5 flex flex-wrap items-center justify-between gap-3 border-t border-line pt-4">
        <p className="text-sm text-muted" data-testid="threshold-in-force">
          {t("refusals.inForce", { threshold: shown(state.threshold) })}
        </p>
        <Button weight="primary" disabled={same(chosen, state.threshold)} busy={save.isPending} onClick={apply}>
          {t("refusals.apply")}
        </Button>
      </div>
    </Card>
  );
}

function Figures({ right, wrong }: { right: ShareAt; wrong: ShareAt }) {
  const { t } = useTranslation();
  return (
    <div className="flex min-w-0 flex-col gap-4" data-testid="refusal-figures" aria-live="polite">
      <Figure figure={right} name={t("refusals.right")} good={right.share >= 0.95} />
      <Figure figure={wrong} name={t("refusals.wrong")} good={wrong.share <= 0.05} />
      <p className="text-[13px] text-muted">{t("refusals.goal")}</p>
    </div>
  );
}

function Figure({ figure, name, good }: { figure: ShareAt; name: string; good: boolean }) {
  const { t, i18n } = useTranslation();
  const percent = (share: number) => share.toLocaleString(i18n.language, { style: "percent" });
  return (
    <div className="flex items-baseline gap-3">
      <p className={clsx("min-w-16 font-serif text-2xl font-semibold tabular-nums", good ? "text-good" : "text-warn")}>
        {percent(figure.share)}
      </p>
      <div className="min-w-0">
        <p className="text-sm">{name}</p>
        <p className="text-[13px] text-muted">
          {t("refusals.ofQuestions", { count: figure.questions, low: percent(figure.low), high: percent(figure.high) })}
        </p>
      </div>
    </div>
  );
}
