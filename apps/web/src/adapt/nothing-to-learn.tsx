/** Why there is nothing to train on yet, and the way to where that changes. */
import { Link } from "@tanstack/react-router";
import { ListChecks } from "lucide-react";
import { useTranslation } from "react-i18next";
import { buttonClass } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";
import type { Missing } from "./recipe-draft.ts";

export function NothingToLearn({ missing, datasetId }: { missing: Missing; datasetId: string }) {
  const { t } = useTranslation();
  return (
    <Notice
      tone="warn"
      icon={ListChecks}
      title={t(`adapt.train.${missing}`)}
      action={
        <Link to="/admin/adapt/datasets/$datasetId" params={{ datasetId }} className={buttonClass()}>
          {t("adapt.train.look")}
        </Link>
      }
    >
      {t(`adapt.train.${missing}Body`)}
    </Notice>
  );
}
