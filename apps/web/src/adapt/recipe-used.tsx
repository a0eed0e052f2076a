import type { Adapter, FineTune } from "@lorekeep/core";
import { useTranslation } from "react-i18next";
import { Card } from "../ui/page.tsx";

/** What it was trained with, and the adapter's card: enough to do it again. */
export function RecipeUsed({ run, adapter }: { run: FineTune; adapter: Adapter | undefined }) {
  const { t } = useTranslation();
  const { recipe } = run;
  const lines: (readonly [string, string | number])[] = [
    [t("adapt.train.method"), t(`adapt.train.choices.${recipe.method}`)],
    [t("adapt.train.fields.rank"), recipe.rank],
    [t("adapt.train.fields.alpha"), recipe.alpha],
    [t("adapt.train.fields.learningRate"), recipe.learningRate],
    [t("adapt.train.fields.epochs"), recipe.epochs],
    [t("adapt.train.fields.maxTokens"), recipe.maxTokens],
    ...(recipe.method === "preference" ? [[t("adapt.train.fields.beta"), recipe.beta] as const] : []),
    [t("adapt.train.memory"), t(`adapt.train.memoryModes.${recipe.memoryMode}`)],
    [t("adapt.train.fields.seed"), recipe.seed],
    [t("adapt.train.targets"), recipe.targets.join(" ")],
  ];
  const card = Object.entries(adapter?.card ?? {}).map(
    ([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)] as const,
  );
  return (
    <Card className="p-5">
      <dl className="grid grid-cols-2 gap-x-6 gap-y-4 text-sm sm:grid-cols-4">
        {lines.map(([name, value]) => (
          <div key={name} className="min-w-0 last:col-span-2 sm:last:col-span-3">
            <dt className="text-[13px] text-muted">{name}</dt>
            <dd className="mt-0.5 font-medium break-words">{value}</dd>
          </div>
        ))}
      </dl>
      {card.length > 0 && (
        <details className="mt-5 border-t border-line pt-4 text-sm">
          <summary className="text-muted hover:text-ink">{t("adapt.run.card")}</summary>
          <dl className="mt-3 grid gap-x-6 gap-y-1.5 sm:grid-cols-[12rem_minmax(0,1fr)]">
            {card.map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-muted">{name}</dt>
                <dd className="font-mono text-xs leading-5 break-words">{value}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </Card>
  );
}
