import { TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "./button.tsx";
import { errorText } from "./error-text.ts";

/** Says what went wrong, what to do, and offers to try again. */
export function ErrorNote({ error, onRetry }: { error: unknown; onRetry?: (() => void) | undefined }) {
  const { t } = useTranslation();
  const { title, detail, requestId } = errorText(error, t);
  return (
    <div role="alert" className="flex gap-3 rounded-xl bg-danger-soft p-4 text-sm">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
      <div className="min-w-0">
        <p className="font-medium text-danger">{title}</p>
        {detail && <p className="mt-1 break-words text-ink">{detail}</p>}
        {requestId && <p className="mt-1 font-mono text-xs break-all text-muted">{requestId}</p>}
        {onRetry && (
          <Button size="sm" className="mt-3" onClick={onRetry}>
            {t("common.retry")}
          </Button>
        )}
      </div>
    </div>
  );
}
