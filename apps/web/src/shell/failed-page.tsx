/** What stands in for a page that cannot be shown. */
import { Link, useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { useTranslation } from "react-i18next";
import { buttonClass } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Empty } from "../ui/page.tsx";

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
    <Empty
      icon={Compass}
      title={t("errors.pageTitle")}
      body={t("errors.pageBody")}
      action={
        <Link to="/" className={buttonClass("primary")}>
          {t("nav.home")}
        </Link>
      }
    />
  );
}
