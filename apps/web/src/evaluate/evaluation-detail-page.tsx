/** One run: its figures, what it was measured with, and every question with what was found and what was answered. */
import type { EvaluationDetail } from "@lorekeep/core";
import { useParams } from "@tanstack/react-router";
import { CircleX, Square } from "lucide-react";
import { useTranslation } from "react-i18next";
import { isUnderWay, useCancelEvaluation, useEvaluation } from "../adaptation-queries.ts";
import { BackLink } from "../adapt/back-link.tsx";
import { useFigureText } from "../adapt/use-figure-text.ts";
import { Button } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { codeText, errorText } from "../ui/error-text.ts";
import { Duration } from "../ui/formatted.tsx";
import { Notice } from "../ui/notice.tsx";
import { Card, Page, Section, Skeleton } from "../ui/page.tsx";
import { Cell, Row, Table } from "../ui/table.tsx";
import { toast } from "../ui/toast.tsx";
import { figureOf, measured, unitOf, type FigureName } from "./evaluation-figures.ts";
import { EvaluationStatus } from "./evaluation-status.tsx";
import { RunProgress } from "./evaluation-table.tsx";
import { QuestionList } from "./question-list.tsx";
import { settingPairs } from "./setting-line.ts";
import { TrialPanel } from "./trial-panel.tsx";
import { useReadableSetting } from "./use-readable-setting.ts";

export function EvaluationDetailPage() {
  const { t } = useTranslation();
  const { nameOf, read } = useReadableSetting();
  const { evaluationId = "" } = useParams({ strict: false });
  const evaluation = useEvaluation(evaluationId);
  const back = <BackLink to="/admin/evaluation" label={t("evaluation.title")} />;
  if (evaluation.data === undefined)
    return (
      <Page title={t("evaluation.one")} above={back}>
        {evaluation.error === null ? (
          <Skeleton label={t("common.loading")} rows={6} />
        ) : (
          <ErrorNote error={evaluation.error} onRetry={() => void evaluation.refetch()} />
        )}
      </Page>
    );
  const { data } = evaluation;
  return (
    <Page title={data.name} lead={data.datasetName} above={back} actions={<Cancel run={data} />}>
      {data.error !== null && (
        <div className="mb-4">
          <Notice tone="danger" icon={CircleX} title={codeText(data.error.code, t)}>
            {data.error.detail}
          </Notice>
        </div>
      )}
      {data.baselineId != null && !isUnderWay(data) && <TrialPanel run={data} baselineId={data.baselineId} />}
      {data.figures === null ? (
        <Card className="p-5">
          <span role="status">
            <EvaluationStatus status={data.status} />
          </span>
          {isUnderWay(data) && <RunProgress run={data} />}
        </Card>
      ) : data.baselineId == null ? (
        <Figures run={data} />
      ) : (
        <Section title={t("evaluation.thisRun")}>
          <Figures run={data} />
        </Section>
      )}
      {data.items.length > 0 && (
        <Section title={t("evaluation.byQuestion")}>
          <QuestionList items={data.items} />
        </Section>
      )}
      <Section title={t("evaluation.setting")}>
        <Card className="p-5">
          <dl className="grid gap-x-6 gap-y-1.5 text-sm sm:grid-cols-[12rem_minmax(0,1fr)]">
            {settingPairs(read(data.setting)).map(([key, value]) => (
              <div key={key} className="contents">
                <dt className="text-muted">{nameOf(key)}</dt>
                <dd className="break-words max-sm:mb-2">{value}</dd>
              </div>
            ))}
          </dl>
        </Card>
      </Section>
    </Page>
  );
}

function Cancel({ run }: { run: EvaluationDetail }) {
  const { t } = useTranslation();
  const cancel = useCancelEvaluation();
  if (!isUnderWay(run)) return null;
  return (
    <Button
      icon={Square}
      busy={cancel.isPending}
      onClick={() => cancel.mutate(run.id, { onError: (error) => toast(errorText(error, t).title) })}
    >
      {t("common.cancel")}
    </Button>
  );
}

const ARMS = ["lexical", "dense", "hybrid"] as const;
const RETRIEVAL = ["ndcgAt10", "mrrAt10", "recallAt10", "recallAt100"] as const;
/** Shown in the table of the arms. */
const OF_SEARCH = new Set<FigureName>([...RETRIEVAL, "lexicalNdcgAt10", "denseNdcgAt10"]);

function Figures({ run }: { run: EvaluationDetail }) {
  const { t } = useTranslation();
  const figure = useFigureText();
  const figures = run.figures!;
  const answers = measured(figures).filter((name) => !OF_SEARCH.has(name));
  const arms = ARMS.filter((arm) => figures[arm] !== undefined);
  return (
    <>
      <Card className="p-5">
        <dl className="grid grid-cols-2 gap-x-6 gap-y-5 sm:grid-cols-4">
          <Figure name={t("evaluation.questions")} value={figure.count(figures.questions)} />
          {answers.map((name) => (
            <Figure
              key={name}
              name={t(`evaluation.figures.${name}`)}
              value={figure.value(figureOf(figures, name), unitOf(name))}
            />
          ))}
        </dl>
      </Card>
      {arms.length > 0 && (
        <Section title={t("evaluation.retrieval")}>
          <Card className="overflow-hidden">
            <Table
              label={t("evaluation.retrieval")}
              head={[
                t("search.mode"),
                ...RETRIEVAL.map((name) => t(`evaluation.figures.${name}`)),
                t("evaluation.latency"),
              ]}
            >
              {arms.map((arm) => (
                <Row key={arm}>
                  <Cell wide>
                    <span className="font-medium">{t(`search.modes.${arm}`)}</span>
                  </Cell>
                  {RETRIEVAL.map((name) => (
                    <Cell key={name} name={t(`evaluation.figures.${name}`)}>
                      <span className="tabular-nums">{figure.value(figures[arm]?.[name], "fine")}</span>
                    </Cell>
                  ))}
                  <Cell name={t("evaluation.latency")}>
                    <span className="text-muted">
                      <Duration ms={figures[arm]?.latency.p50 ?? 0} /> /{" "}
                      <Duration ms={figures[arm]?.latency.p95 ?? 0} />
                    </span>
                  </Cell>
                </Row>
              ))}
            </Table>
          </Card>
        </Section>
      )}
    </>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div className="min-w-0">
      <dt className="text-[13px] text-muted">{name}</dt>
      <dd className="mt-0.5 font-serif text-2xl font-semibold tabular-nums">{value}</dd>
    </div>
  );
}
