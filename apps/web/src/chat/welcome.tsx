/** The empty conversation: what can be asked here, or how to get something to ask about. */
import { Link } from "@tanstack/react-router";
import { FileUp, Sparkles } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useCollections, useSession } from "../queries.ts";
import { buttonClass } from "../ui/button.tsx";
import { Logo } from "../ui/logo.tsx";
import { Suggestions } from "./refusal-card.tsx";
import { sampleQuestions } from "./sample-questions.ts";

function useDocumentCount(): number | undefined {
  return useCollections().data?.reduce((sum, collection) => sum + collection.documentCount, 0);
}

export function Welcome() {
  const { t } = useTranslation();
  const documentCount = useDocumentCount();
  const name = useSession().data?.user?.name;
  return (
    <div className="pt-6 pb-6">
      <Logo className="size-11" />
      <h1 className="mt-5 font-serif text-3xl leading-tight font-semibold tracking-tight break-words">
        {name === undefined ? t("chat.welcome.title") : t("chat.welcome.titleNamed", { name })}
      </h1>
      <p className="mt-2 max-w-xl text-muted">
        {documentCount === undefined
          ? "\u00A0"
          : documentCount === 0
            ? t("chat.welcome.empty")
            : t("chat.welcome.ready", { count: documentCount })}
      </p>
    </div>
  );
}

/** Below the composer: questions that are known to have answers here, or the ways to bring something in. */
export function FirstSteps({ onAsk }: { onAsk: (question: string) => void }) {
  const { t, i18n } = useTranslation();
  const documentCount = useDocumentCount();
  const questions = sampleQuestions(i18n.language, 4);
  if (documentCount === 0)
    return (
      <div className="mt-5 flex flex-wrap gap-2">
        <Link to="/admin/documents" className={buttonClass("primary")}>
          <FileUp aria-hidden className="size-4" />
          {t("chat.addDocuments")}
        </Link>
        <Link to="/welcome" className={buttonClass("secondary")}>
          <Sparkles aria-hidden className="size-4" />
          {t("chat.welcome.sample")}
        </Link>
      </div>
    );
  if (documentCount === undefined || questions.length === 0) return null;
  return (
    <section className="mt-6" aria-label={t("chat.welcome.try")}>
      <h2 className="mb-2.5 text-sm font-medium text-muted">{t("chat.welcome.try")}</h2>
      <Suggestions questions={questions} onAsk={onAsk} />
    </section>
  );
}
