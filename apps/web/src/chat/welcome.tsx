/** The empty conversation: what can be asked here, or how to get something to ask about. */
import { Link } from "@tanstack/react-router";
import { FileUp, Sparkles } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useCollections, useSession } from "../queries.ts";
import { buttonClass } from "../ui/button.tsx";
import { Logo } from "../ui/logo.tsx";
import { Suggestions } from "./refusal-card.tsx";
import { sampleQuestions } from "./sample-questions.ts";

export function Welcome({ onAsk }: { onAsk: (question: string) => void }) {
  const { t, i18n } = useTranslation();
  const collections = useCollections();
  const name = useSession().data?.user?.name;
  const documentCount = collections.data?.reduce((sum, collection) => sum + collection.documentCount, 0);
  const questions = sampleQuestions(i18n.language, 4);
  return (
    <div className="flex flex-col pt-[9vh] pb-10">
      <Logo className="size-11" />
      <h1 className="mt-5 font-serif text-3xl leading-tight font-semibold tracking-tight">
        {name === undefined ? t("chat.welcome.title") : t("chat.welcome.titleNamed", { name })}
      </h1>
      {documentCount === 0 ? (
        <>
          <p className="mt-2 max-w-xl text-muted">{t("chat.welcome.empty")}</p>
          <div className="mt-6 flex flex-wrap gap-2">
            <Link to="/admin/documents" className={buttonClass("primary")}>
              <FileUp aria-hidden className="size-4" />
              {t("chat.addDocuments")}
            </Link>
            <Link to="/welcome" className={buttonClass("secondary")}>
              <Sparkles aria-hidden className="size-4" />
              {t("chat.welcome.sample")}
            </Link>
          </div>
        </>
      ) : (
        <p className="mt-2 max-w-xl text-muted">
          {documentCount === undefined ? "\u00A0" : t("chat.welcome.ready", { count: documentCount })}
        </p>
      )}
      {documentCount !== undefined && documentCount > 0 && questions.length > 0 && (
        <section className="mt-8" aria-label={t("chat.welcome.try")}>
          <h2 className="mb-3 text-sm font-medium text-muted">{t("chat.welcome.try")}</h2>
          <Suggestions questions={questions} onAsk={onAsk} />
        </section>
      )}
    </div>
  );
}
