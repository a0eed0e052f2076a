import type { Evaluation } from "@lorekeep/core";
import { ArrowRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Card } from "../ui/page.tsx";
import { settingChanges } from "./setting-line.ts";
import { useReadableSetting } from "./use-readable-setting.ts";

type Setting = Evaluation["setting"];

/** What two runs were measured with, where it differs. */
export function SettingChanges({ before, after }: { before: Setting; after: Setting }) {
  const { t } = useTranslation();
  const { nameOf, read } = useReadableSetting();
  const changes = settingChanges(read(before), read(after));
  if (changes.length === 0) return <p className="text-muted">{t("evaluation.compare.sameSettings")}</p>;
  return (
    <Card>
      <dl className="divide-y divide-line text-sm">
        {changes.map((change) => (
          <div key={change.key} className="grid gap-x-6 gap-y-0.5 px-5 py-3 sm:grid-cols-[12rem_minmax(0,1fr)]">
            <dt className="text-muted">{nameOf(change.key)}</dt>
            <dd className="flex flex-wrap items-center gap-x-2 break-words">
              <span>{change.before === "" ? "–" : change.before}</span>
              <ArrowRight role="img" aria-label={t("evaluation.compare.becomes")} className="size-3.5 text-faint" />
              <span className="font-medium">{change.after === "" ? "–" : change.after}</span>
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
