/** A collection's right and wrong refusals at its threshold, in one line that leads to the curve (G3). */
import type { CollectionResponse } from "@lorekeep/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useRefusalCurve } from "../collection-queries.ts";
import { figuresAt } from "./refusal-figures.ts";

export function RefusalSummary({ collection }: { collection: CollectionResponse }) {
  const { t, i18n } = useTranslation();
  const curve = useRefusalCurve(collection.id).data?.curve ?? null;
  const percent = (share: number) => share.toLocaleString(i18n.language, { style: "percent" });
  const figures = curve === null ? null : figuresAt(curve, collection.retrieval.refusalThreshold);
  return (
    <Link
      to="/admin/collections/$collectionId/refusals"
      params={{ collectionId: collection.id }}
      data-testid="refusal-summary"
      className="font-medium underline decoration-line-strong underline-offset-4 hover:text-accent"
    >
      {figures === null
        ? t("refusals.unmeasured")
        : t("refusals.summaryText", { right: percent(figures.right.share), wrong: percent(figures.wrong.share) })}
    </Link>
  );
}
