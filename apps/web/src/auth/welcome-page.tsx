/** First run: one click loads the sample, waits until it can be asked, and offers questions. No form to fill. */
import type { DocumentResponse, SampleResponse } from "@lorekeep/core";
import { Link } from "@tanstack/react-router";
import { BookOpenCheck, FileUp, Sparkles } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Suggestions } from "../chat/refusal-card.tsx";
import { inLanguageFirst, keepSampleQuestions } from "../chat/sample-questions.ts";
import { useAsk } from "../chat/use-chat.ts";
import { useDocumentsById, useSample } from "../queries.ts";
import { Button, buttonClass } from "../ui/button.tsx";
import { codeText } from "../ui/error-text.ts";
import { ErrorNote } from "../ui/error-note.tsx";
import { Card, usePageTitle } from "../ui/page.tsx";
import { ProgressBar } from "../ui/progress-bar.tsx";
import { progressOf } from "../admin/stage-progress.ts";

export function WelcomePage() {
  const { t } = useTranslation();
  usePageTitle(t("welcome.title"));
  const sample = useSample();
  return (
    <div className="mx-auto w-full max-w-2xl px-5 pt-[10vh] pb-16 sm:px-8">
      <h1 className="font-serif text-3xl leading-tight font-semibold tracking-tight">{t("welcome.title")}</h1>
      <p className="mt-2 max-w-xl text-muted">{t("welcome.lead")}</p>
      {sample.data ? (
        <SampleProgress sample={sample.data} />
      ) : (
        <>
          <div className="mt-8 grid gap-3 sm:grid-cols-2">
            <Card className="flex flex-col items-start gap-2 p-5">
              <BookOpenCheck aria-hidden className="size-6 text-accent" />
              <h2 className="font-serif text-lg font-semibold">{t("welcome.sampleTitle")}</h2>
              <p className="flex-1 text-sm text-muted">{t("welcome.sampleBody")}</p>
              <Button
                weight="primary"
                icon={Sparkles}
                busy={sample.isPending}
                className="mt-2"
                onClick={() =>
                  sample.mutate(undefined, { onSuccess: (loaded) => keepSampleQuestions(loaded.questions) })
                }
              >
                {t("welcome.sample")}
              </Button>
            </Card>
            <Card className="flex flex-col items-start gap-2 p-5">
              <FileUp aria-hidden className="size-6 text-accent" />
              <h2 className="font-serif text-lg font-semibold">{t("welcome.ownTitle")}</h2>
              <p className="flex-1 text-sm text-muted">{t("welcome.ownBody")}</p>
              <Link to="/admin/documents" className={`mt-2 ${buttonClass("secondary")}`}>
                {t("chat.addDocuments")}
              </Link>
            </Card>
          </div>
          {sample.error !== null && (
            <div className="mt-4">
              <ErrorNote error={sample.error} />
            </div>
          )}
        </>
      )}
    </div>
  );
}

function SampleProgress({ sample }: { sample: SampleResponse }) {
  const { t, i18n } = useTranslation();
  const ask = useAsk();
  const documents = useDocumentsById(sample.documentIds);
  const failed = documents.find((document) => document?.status === "failed");
  const ready = documents.length > 0 && documents.every((document) => document?.status === "ready");
  if (failed?.error)
    return (
      <p role="alert" className="mt-8 rounded-xl bg-danger-soft p-4 text-sm text-danger">
        {failed.name}: {codeText(failed.error.code, t)}
      </p>
    );
  if (!ready)
    return (
      <Card className="mt-8 p-5">
        <p role="status" className="mb-4 text-sm text-muted">
          {t("welcome.preparing")}
        </p>
        <ul className="flex flex-col gap-4">
          {documents.map((document, index) => (
            <li key={sample.documentIds[index]}>
              <SampleDocument document={document} />
            </li>
          ))}
        </ul>
      </Card>
    );
  const questions = inLanguageFirst(sample.questions, i18n.language, 5);
  return (
    <section className="mt-8" data-testid="sample-ready">
      <p role="status" className="mb-3 text-sm font-medium text-muted">
        {t("welcome.ready")}
      </p>
      <Suggestions
        questions={questions}
        onAsk={(question) =>
          ask({ conversationId: undefined, question, collections: [sample.collectionId], replaces: null })
        }
      />
    </section>
  );
}

function SampleDocument({ document }: { document: DocumentResponse | undefined }) {
  const { t } = useTranslation();
  const progress = document ? progressOf(document) : { stage: null, value: null };
  return (
    <>
      <p className="mb-1.5 flex justify-between gap-4 text-sm">
        <span className="min-w-0 truncate font-medium">{document?.name ?? "…"}</span>
        <span className="shrink-0 text-muted">
          {document?.status === "ready"
            ? t("documents.status.ready")
            : progress.stage === null
              ? t("documents.status.queued")
              : t(`documents.stages.${progress.stage}`)}
        </span>
      </p>
      <ProgressBar
        value={document?.status === "ready" ? 1 : progress.value}
        label={document?.name ?? t("common.loading")}
      />
    </>
  );
}
