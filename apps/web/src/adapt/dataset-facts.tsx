import { EXAMPLE_PROBLEMS, EXAMPLE_SOURCES, type Dataset } from "@lorekeep/core";
import { TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Count } from "../ui/formatted.tsx";
import { Notice } from "../ui/notice.tsx";
import { Card } from "../ui/page.tsx";

const COUNTS = ["approved", "pending", "rejected", "unanswerable", "train", "validation"] as const;

/** How much there is of what, and which problems were found, in plain words. */
export function DatasetFacts({ dataset }: { dataset: Dataset }) {
  const { t } = useTranslation();
  const problems = EXAMPLE_PROBLEMS.filter((problem) => (dataset.problems[problem] ?? 0) > 0);
  const sources = EXAMPLE_SOURCES.filter((source) => (dataset.sources[source] ?? 0) > 0);
  const deleted = dataset.deletedDocuments.length;
  return (
    <>
      {deleted > 0 && (
        <div className="mb-4">
          <Notice tone="warn" icon={TriangleAlert} title={t("adapt.datasets.deleted", { count: deleted })}>
            {t("adapt.datasets.deletedBody")}
          </Notice>
        </div>
      )}
      <Card className="p-5">
        <dl className="grid grid-cols-3 gap-x-6 gap-y-4 text-sm sm:grid-cols-6">
          {COUNTS.map((key) => (
            <div key={key} className="min-w-0">
              <dt className="text-[13px] text-muted">{t(`adapt.datasets.counts.${key}`)}</dt>
              <dd className="mt-0.5 font-serif text-xl font-semibold">
                <Count value={dataset.counts[key]} />
              </dd>
            </div>
          ))}
        </dl>
        {(sources.length > 0 || problems.length > 0) && (
          <div className="mt-5 grid gap-x-10 gap-y-4 border-t border-line pt-4 text-sm sm:grid-cols-2">
            <Tally
              title={t("adapt.datasets.from")}
              lines={sources.map((source) => [t(`adapt.examples.sources.${source}`), dataset.sources[source] ?? 0])}
            />
            <Tally
              title={t("adapt.datasets.problems")}
              none={t("adapt.datasets.noProblems")}
              lines={problems.map((problem) => [
                t(`adapt.examples.problems.${problem}`),
                dataset.problems[problem] ?? 0,
              ])}
            />
          </div>
        )}
      </Card>
    </>
  );
}

function Tally({
  title,
  lines,
  none,
}: {
  title: string;
  lines: readonly (readonly [string, number])[];
  none?: string;
}) {
  return (
    <div>
      <h2 className="text-[13px] text-muted">{title}</h2>
      {lines.length === 0 ? (
        <p className="mt-1">{none}</p>
      ) : (
        <ul className="mt-1">
          {lines.map(([name, count]) => (
            <li key={name} className="flex justify-between gap-4 py-0.5">
              <span className="min-w-0 break-words">{name}</span>
              <Count value={count} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
