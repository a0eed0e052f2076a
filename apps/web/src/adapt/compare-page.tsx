/** One's own question, answered four ways side by side: what the documents give, what the adapter gives, and what both do. */
import type { CompareResponse } from "@lorekeep/core";
import { Link, useSearch } from "@tanstack/react-router";
import { Scale } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAdapters, useCompareAnswers } from "../adaptation-queries.ts";
import { useCollections } from "../queries.ts";
import { Badge } from "../ui/badge.tsx";
import { Button, buttonClass } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { SelectField, TextArea } from "../ui/field.tsx";
import { Duration } from "../ui/formatted.tsx";
import { Card, Empty, Skeleton } from "../ui/page.tsx";
import { AdaptPage } from "./adapt-page.tsx";
import { adapterLabel } from "./answering-now.ts";

const WAYS = ["base", "retrieval", "adapter", "retrieval+adapter"] as const;
const NAMES = { base: "base", retrieval: "retrieval", adapter: "adapter", "retrieval+adapter": "both" } as const;

export function ComparePage() {
  const { t } = useTranslation();
  const adapters = useAdapters();
  const compare = useCompareAnswers();
  const [asked, setAsked] = useState<readonly CompareResponse[]>([]);
  if (adapters.data === undefined || adapters.data.length === 0)
    return (
      <AdaptPage title={t("adapt.compare.title")} lead={t("adapt.compare.lead")}>
        {adapters.error !== null ? (
          <ErrorNote error={adapters.error} onRetry={() => void adapters.refetch()} />
        ) : adapters.data === undefined ? (
          <Skeleton label={t("common.loading")} rows={4} />
        ) : (
          <Card>
            <Empty
              icon={Scale}
              title={t("adapt.compare.none")}
              body={t("adapt.compare.noneBody")}
              action={
                <Link to="/admin/adapt/train" className={buttonClass("primary")}>
                  {t("adapt.places.train")}
                </Link>
              }
            />
          </Card>
        )}
      </AdaptPage>
    );
  return (
    <AdaptPage title={t("adapt.compare.title")} lead={t("adapt.compare.lead")}>
      <CompareForm compare={compare} onAnswered={(answer) => setAsked([answer, ...asked])} />
      {compare.error !== null && (
        <div className="mt-4">
          <ErrorNote error={compare.error} />
        </div>
      )}
      <div aria-live="polite" className="mt-8 flex flex-col gap-10">
        {compare.isPending && <Answers question={compare.variables.question} answers={null} />}
        {asked.map((answer, index) => (
          <Answers key={asked.length - index} question={answer.question} answers={answer.answers} />
        ))}
      </div>
    </AdaptPage>
  );
}

interface CompareFormProps {
  compare: ReturnType<typeof useCompareAnswers>;
  onAnswered: (answer: CompareResponse) => void;
}

/** What is asked of which adapter and which documents, and asking it. */
function useQuestion({ compare, onAnswered }: CompareFormProps) {
  const search: { adapter?: string } = useSearch({ strict: false });
  const adapters = useAdapters().data ?? [];
  const [question, setQuestion] = useState("");
  const [picked, setPicked] = useState(search.adapter ?? "");
  const [collection, setCollection] = useState("");
  const adapter = adapters.find(({ id }) => id === picked) ?? adapters[0];
  const ask = () => {
    if (adapter === undefined || question.trim() === "" || compare.isPending) return;
    compare.mutate(
      {
        question: question.trim(),
        adapter: adapter.id,
        ...(collection === "" ? {} : { collections: [collection] }),
      },
      { onSuccess: onAnswered },
    );
  };
  return { adapters, question, setQuestion, adapter, setPicked, collection, setCollection, ask };
}

function CompareForm(props: CompareFormProps) {
  const { t } = useTranslation();
  const collections = useCollections().data ?? [];
  const { adapters, question, setQuestion, adapter, setPicked, collection, setCollection, ask } = useQuestion(props);
  return (
    <Card className="p-5">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          ask();
        }}
      >
        <TextArea
          label={t("chat.question")}
          rows={2}
          required
          maxLength={8000}
          value={question}
          placeholder={t("chat.placeholder")}
          onChange={(event) => setQuestion(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            ask();
          }}
        />
        <div className="flex flex-wrap items-end gap-3">
          <Choice
            label={t("adapt.adapter")}
            value={adapter?.id ?? ""}
            onChange={setPicked}
            options={adapters.map((item) => ({ value: item.id, label: adapterLabel(item) }))}
          />
          <Choice
            label={t("adapt.compare.documents")}
            value={collection}
            onChange={setCollection}
            options={[
              { value: "", label: t("chat.allCollections") },
              ...collections.map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
          <Button
            type="submit"
            weight="primary"
            icon={Scale}
            busy={props.compare.isPending}
            disabled={question.trim() === ""}
          >
            {t("adapt.compare.ask")}
          </Button>
        </div>
      </form>
    </Card>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  options: readonly { value: string; label: string }[];
}

function Choice({ onChange, ...rest }: ChoiceProps) {
  return (
    <div className="min-w-44 flex-1">
      <SelectField {...rest} onChange={(event) => onChange(event.target.value)} />
    </div>
  );
}

function Answers({ question, answers }: { question: string; answers: CompareResponse["answers"] | null }) {
  const { t } = useTranslation();
  return (
    <section data-testid="comparison" aria-busy={answers === null}>
      <h2 className="mb-3 font-serif text-lg font-semibold break-words">{question}</h2>
      <ul className="grid gap-3 md:grid-cols-2">
        {WAYS.map((way) => {
          const answer = answers?.find((candidate) => candidate.way === way);
          return (
            <li key={way} className="flex min-w-0 flex-col rounded-2xl border border-line bg-surface p-5 shadow-card">
              <p className="font-medium">{t(`adapt.compare.ways.${NAMES[way]}`)}</p>
              <p className="text-[13px] text-muted">{t(`adapt.compare.wayHints.${NAMES[way]}`)}</p>
              {answers === null ? (
                <Skeleton label={t("common.loading")} rows={2} />
              ) : (
                answer !== undefined && <OneAnswer answer={answer} />
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function OneAnswer({ answer }: { answer: CompareResponse["answers"][number] }) {
  const { t } = useTranslation();
  return (
    <>
      <p className="mt-3 font-serif leading-relaxed break-words whitespace-pre-wrap">{answer.text}</p>
      <p className="mt-auto flex flex-wrap items-center gap-x-3 gap-y-1 pt-4 text-[13px] text-muted">
        {answer.refused && <Badge tone="warn">{t("adapt.compare.refused")}</Badge>}
        {answer.citations > 0 && <span>{t("adapt.compare.citations", { count: answer.citations })}</span>}
        <Duration ms={answer.tookMs} />
      </p>
    </>
  );
}
