import { ArrowDown, ArrowUp, Equal } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Change } from "./gate-figures.ts";
import { useFigureText, type FigureUnit } from "./use-figure-text.ts";

interface ChangeWordProps {
  change: Change;
  difference: { readonly mean: number; readonly interval: readonly [number, number] };
  unit: FigureUnit;
}

const COLOURS = { better: "text-good", worse: "text-danger", same: "text-muted" };

/** A difference as people read it: by how much, within which limits, and whether it is real at all. */
export function ChangeWord({ change, difference, unit }: ChangeWordProps) {
  const { t } = useTranslation();
  const figure = useFigureText();
  const Icon = change === "same" ? Equal : difference.mean > 0 ? ArrowUp : ArrowDown;
  return (
    <span className="block" data-testid="change" data-change={change}>
      <span className={`inline-flex items-center gap-1.5 font-medium ${COLOURS[change]}`}>
        <Icon aria-hidden className="size-3.5" />
        {t(`adapt.change.${change}`)}
      </span>
      <span className="block text-[13px] text-muted tabular-nums">
        {figure.difference(difference.mean, unit)} {figure.interval(difference.interval, unit)}
      </span>
    </span>
  );
}
