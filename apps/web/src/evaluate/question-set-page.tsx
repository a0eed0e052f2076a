/** A question set to look through: each question with its answer and the passage that holds it. What is wrong is taken out. */
import type { Question } from "@lorekeep/core";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useQueryClient } from "@tanstack/react-query";
import { Ellipsis, FileText, MessageSquareText, Pencil, Play, ShieldQuestion, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { BackLink } from "../adapt/back-link.tsx";
import { useSettled } from "../admin/use-settled.ts";
import { jobEnded, useCollections, useJob } from "../queries.ts";
import { Badge } from "../ui/badge.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { ConfirmDialog, Dialog } from "../ui/dialog.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { errorText } from "../ui/error-text.ts";
import { TextField } from "../ui/field.tsx";
import { Menu } from "../ui/menu.tsx";
import { Card, Page, Skeleton } from "../ui/page.tsx";
import { ProgressBar } from "../ui/progress-bar.tsx";
import { Pager } from "../ui/table.tsx";
import { toast } from "../ui/toast.tsx";
import {
  useDeleteQuestion,
  useDeleteQuestionSet,
  useDraftQuestions,
  useQuestions,
  useQuestionSet,
  useRenameQuestionSet,
} from "./question-set-queries.ts";
import { StartDialog } from "./start-dialog.tsx";

const SOURCES = [
  { from: "documents", icon: FileText },
  { from: "feedback", icon: MessageSquareText },
  { from: "unanswerable", icon: ShieldQuestion },
] as const;

export function QuestionSetPage() {
  const { t } = useTranslation();
  const { setId = "" } = useParams({ strict: false });
  const set = useQuestionSet(setId);
  const collection = useCollections().data?.find(({ id }) => id === set.data?.collectionId)?.name;
  const [starting, setStarting] = useState(false);
  const back = <BackLink to="/admin/evaluation/sets" label={t("evaluation.sets.title")} />;
  if (set.data === undefined)
    return (
      <Page title={t("evaluation.sets.one")} above={back}>
        {set.error === null ? (
          <Skeleton label={t("common.loading")} rows={6} />
        ) : (
          <ErrorNote error={set.error} onRetry={() => void set.refetch()} />
        )}
      </Page>
    );
  const { name, questionCount, unanswerable, deletedDocuments } = set.data;
  const facts = [
    collection ?? t("evaluation.sets.noCollection"),
    t("evaluation.sets.count", { count: questionCount }),
    ...(unanswerable > 0 ? [t("evaluation.sets.countUnanswerable", { count: unanswerable })] : []),
    ...(deletedDocuments > 0 ? [t("evaluation.sets.deletedDocuments", { count: deletedDocuments })] : []),
  ];
  return (
    <Page
      title={name}
      lead={facts.join(" · ")}
      above={back}
      actions={
        <>
          <SetMenu id={setId} name={name} hasCollection={set.data.collectionId !== null} />
          <Button weight="primary" icon={Play} disabled={questionCount === 0} onClick={() => setStarting(true)}>
            {t("evaluation.sets.ask")}
          </Button>
        </>
      }
    >
      <Drafting setId={setId} />
      <Questions setId={setId} />
      {starting && <StartDialog dataset={setId} onClose={() => setStarting(false)} />}
    </Page>
  );
}

function SetMenu({ id, name, hasCollection }: { id: string; name: string; hasCollection: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const draft = useDraftQuestions();
  const remove = useDeleteQuestionSet();
  const [asking, setAsking] = useState<"delete" | "rename" | null>(null);
  const add = (from: (typeof SOURCES)[number]["from"]) =>
    draft.mutate(
      { id, request: { from: [from] } },
      {
        onSuccess: (job) => void navigate({ to: ".", search: { job: job.id }, replace: true }),
        onError: (error) => toast(errorText(error, t).title),
      },
    );
  return (
    <>
      <Menu
        small={false}
        label={t("documents.menu", { name })}
        icon={Ellipsis}
        items={[
          ...SOURCES.map(({ from, icon }) => ({
            label: t(`evaluation.sets.add.${from}`),
            icon,
            disabled: !hasCollection,
            onSelect: () => add(from),
          })),
          { label: t("evaluation.sets.rename"), icon: Pencil, onSelect: () => setAsking("rename") },
          { label: t("common.delete"), icon: Trash2, danger: true, onSelect: () => setAsking("delete") },
        ]}
      />
      {asking === "rename" && <RenameDialog id={id} name={name} onClose={() => setAsking(null)} />}
      {asking === "delete" && (
        <ConfirmDialog
          danger
          title={t("evaluation.sets.deleteTitle")}
          body={t("evaluation.sets.deleteBody", { name })}
          confirmLabel={t("common.delete")}
          onClose={() => setAsking(null)}
          onConfirm={async () => {
            await remove.mutateAsync(id);
            toast(t("documents.deleted", { name }));
            void navigate({ to: "/admin/evaluation/sets" });
          }}
        />
      )}
    </>
  );
}

function RenameDialog({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const rename = useRenameQuestionSet(id);
  const [chosen, setChosen] = useState(name);
  return (
    <Dialog title={t("evaluation.sets.rename")} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          rename.mutate(chosen.trim(), { onSuccess: onClose });
        }}
      >
        <TextField
          label={t("evaluation.sets.name")}
          required
          maxLength={200}
          value={chosen}
          onChange={(event) => setChosen(event.target.value)}
        />
        {rename.error !== null && <ErrorNote error={rename.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" weight="primary" busy={rename.isPending} disabled={chosen.trim() === ""}>
            {t("common.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** A job that is adding questions, until it has. */
function Drafting({ setId }: { setId: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const search: { job?: string } = useSearch({ strict: false });
  const job = useJob(search.job ?? null);
  const ended = job.data !== undefined && jobEnded(job.data);
  useEffect(() => {
    if (ended) void queries.invalidateQueries({ queryKey: ["question-sets"] });
  }, [ended, queries, setId]);
  if (job.data === undefined) return null;
  if (!ended) return <Busy done={job.data.progress.done} total={job.data.progress.total} />;
  if (job.data.error === null) return null;
  return (
    <p role="alert" className="mb-5 rounded-xl bg-danger-soft px-4 py-3 text-sm text-danger">
      {t("evaluation.sets.draftFailed")} {job.data.error.detail}
    </p>
  );
}

function Busy({ done, total }: { done: number; total: number | null }) {
  const { t } = useTranslation();
  return (
    <Card className="mb-5 p-5">
      <p role="status" className="mb-2 text-sm">
        {t("evaluation.sets.drafting")}
      </p>
      <ProgressBar label={t("evaluation.sets.drafting")} value={total === null ? null : done / Math.max(1, total)} />
    </Card>
  );
}

function Questions({ setId }: { setId: string }) {
  const { t } = useTranslation();
  const [words, setWords] = useState("");
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const query = useSettled(words.trim());
  const questions = useQuestions(setId, { query: query === "" ? undefined : query, cursor: cursors.at(-1) });
  return (
    <>
      <div className="mb-4 max-w-md">
        <TextField
          type="search"
          label={t("evaluation.sets.find")}
          hideLabel
          placeholder={t("evaluation.sets.find")}
          value={words}
          onChange={(event) => {
            setWords(event.target.value);
            setCursors([]);
          }}
        />
      </div>
      {questions.error !== null ? (
        <ErrorNote error={questions.error} onRetry={() => void questions.refetch()} />
      ) : questions.data === undefined ? (
        <Skeleton label={t("common.loading")} rows={6} />
      ) : questions.data.items.length === 0 ? (
        <p className="text-muted">{t("evaluation.sets.noQuestions")}</p>
      ) : (
        <ul className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface shadow-card">
          {questions.data.items.map((question) => (
            <li key={question.id} data-testid="question-row">
              <QuestionRow setId={setId} question={question} />
            </li>
          ))}
        </ul>
      )}
      <Pager cursors={cursors} nextCursor={questions.data?.nextCursor ?? null} onTurn={setCursors} />
    </>
  );
}

function QuestionRow({ setId, question }: { setId: string; question: Question }) {
  const { t } = useTranslation();
  const remove = useDeleteQuestion(setId);
  const { answer, gold, source } = question;
  return (
    <div className="flex items-start gap-3 px-5 py-4 text-sm">
      <div className="min-w-0 flex-1">
        <p className="font-medium break-words">{question.question}</p>
        <p className="mt-1 break-words">
          {answer ?? <span className="text-muted">{t("evaluation.sets.noAnswer")}</span>}
        </p>
        {gold.map((passage, index) => (
          <details key={`${passage.chunkId}${index}`} className="mt-1.5 text-[13px] text-muted">
            <summary className="hover:text-ink">{passage.title === "" ? t("evaluation.gold") : passage.title}</summary>
            {passage.text !== "" && (
              <p className="mt-1 rounded-lg bg-sunk px-3 py-2 break-words whitespace-pre-wrap">{passage.text}</p>
            )}
          </details>
        ))}
      </div>
      <Badge>{t(`evaluation.sets.sources.${source}`)}</Badge>
      <IconButton
        small
        icon={Trash2}
        label={t("evaluation.sets.takeOut", { question: question.question })}
        disabled={remove.isPending}
        onClick={() => remove.mutate(question.id, { onError: (error) => toast(errorText(error, t).title) })}
      />
    </div>
  );
}
