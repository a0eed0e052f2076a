/** What stands in for a page that cannot be shown. */
import { Link, useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { buttonClass } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Logo } from "../ui/logo.tsx";

export function FailedPage({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <div className="mx-auto max-w-lg p-6 pt-[15vh]">
      <ErrorNote
        error={error}
        onRetry={() => {
          reset();
          void router.invalidate();
        }}
      />
    </div>
  );
}

export function UnknownPage() {
  const { t } = useTranslation();
  return (
    <main className="flex flex-col items-center px-6 pt-[18vh] text-center">
      <Logo className="size-11" />
      <h1 className="mt-5 font-serif text-2xl font-semibold">{t("errors.pageTitle")}</h1>
      <p className="mt-1 max-w-md text-muted">{t("errors.pageBody")}</p>
      <Link to="/" className={`mt-6 ${buttonClass("primary")}`}>
        {t("chat.new")}
      </Link>
    </main>
  );
}
