/** Adaptation in one look: what wants doing, what answers now, what was trained, and the way back. */
import { Link } from "@tanstack/react-router";
import { GraduationCap } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useAdapterHistory, useAdapters, useAutoTrain, useDatasets, useFineTunes } from "../adaptation-queries.ts";
import { useCollections } from "../queries.ts";
import { buttonClass } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Card, Empty, Section, Skeleton } from "../ui/page.tsx";
import { AdaptPage } from "./adapt-page.tsx";
import { AdapterTable } from "./adapter-table.tsx";
import { AnsweringCard } from "./answering-card.tsx";
import { answeringNow } from "./answering-now.ts";
import { AttentionList } from "./attention-list.tsx";
import { AutomaticTraining } from "./automatic-training.tsx";
import { HistoryList } from "./history-list.tsx";
import { RunTable } from "./run-table.tsx";

export function AdaptOverviewPage() {
  const { t } = useTranslation();
  const datasets = useDatasets();
  const adapters = useAdapters();
  const history = useAdapterHistory();
  const runs = useFineTunes();
  const collections = useCollections();
  const automatic = useAutoTrain();
  const asked = [datasets, adapters, history, runs, collections, automatic];
  const failed = asked.find((query) => query.error !== null && query.data === undefined);
  const title = { title: t("adapt.title"), lead: t("adapt.lead") };
  if (failed !== undefined)
    return (
      <AdaptPage {...title}>
        <ErrorNote error={failed.error} onRetry={() => asked.forEach((query) => void query.refetch())} />
      </AdaptPage>
    );
  if (!datasets.data || !adapters.data || !history.data || !runs.data || !collections.data || !automatic.data)
    return (
      <AdaptPage {...title}>
        <Skeleton label={t("common.loading")} rows={8} />
      </AdaptPage>
    );
  const untouched = datasets.data.length === 0 && adapters.data.length === 0 && runs.data.length === 0;
  return (
    <AdaptPage {...title}>
      {untouched && <FirstSteps />}
      <AttentionList waiting={automatic.data.waiting} adapters={adapters.data} runs={runs.data} />
      {!untouched && (
        <>
          <Section title={t("adapt.answering.title")}>
            <AnsweringCard
              rows={answeringNow(adapters.data, collections.data, history.data)}
              adapters={adapters.data}
            />
          </Section>
          {runs.data.length > 0 && (
            <Section title={t("adapt.runs.title")}>
              <RunTable runs={runs.data} />
            </Section>
          )}
          <Section title={t("adapt.adapters.title")}>
            <AdapterTable adapters={adapters.data} collections={collections.data} />
          </Section>
          <Section title={t("adapt.automatic.title")}>
            <AutomaticTraining state={automatic.data} />
          </Section>
          {history.data.length > 0 && (
            <Section title={t("adapt.history.title")}>
              <HistoryList history={history.data} adapters={adapters.data} collections={collections.data} />
            </Section>
          )}
        </>
      )}
    </AdaptPage>
  );
}

function FirstSteps() {
  const { t } = useTranslation();
  return (
    <Card>
      <Empty
        icon={GraduationCap}
        title={t("adapt.first.title")}
        body={t("adapt.first.body")}
        action={
          <Link to="/admin/adapt/datasets" className={buttonClass("primary")}>
            {t("adapt.first.action")}
          </Link>
        }
      />
      <ol className="grid gap-x-8 gap-y-4 border-t border-line px-6 py-6 text-sm sm:grid-cols-3">
        {(["collect", "train", "prove"] as const).map((step, index) => (
          <li key={step}>
            <p className="font-serif font-semibold">
              {index + 1}. {t(`adapt.first.steps.${step}.title`)}
            </p>
            <p className="mt-0.5 text-muted">{t(`adapt.first.steps.${step}.body`)}</p>
          </li>
        ))}
      </ol>
    </Card>
  );
}
