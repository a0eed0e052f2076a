/** Each file on its way in, with its own progress and, when it fails, its own reason. */
import { useQueryClient } from "@tanstack/react-query";
import { CircleCheck, CircleX, X } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Button, IconButton } from "../ui/button.tsx";
import { codeText, errorText } from "../ui/error-text.ts";
import { Size } from "../ui/formatted.tsx";
import { Card } from "../ui/page.tsx";
import { ProgressBar } from "../ui/progress-bar.tsx";
import { progressOf } from "./stage-progress.ts";
import { cancelUpload, clearFinished, isOver, useUploads, type Upload } from "./uploads.ts";

export function UploadList() {
  const { t } = useTranslation();
  const uploads = useUploads();
  const queries = useQueryClient();
  const arrived = uploads.filter((upload) => upload.documentId !== null).length;
  const over = uploads.filter(isOver).length;
  useEffect(() => {
    for (const key of ["documents", "collections", "overview"]) void queries.invalidateQueries({ queryKey: [key] });
  }, [arrived, over, queries]);
  if (uploads.length === 0) return null;
  return (
    <Card className="mt-4">
      <div className="flex items-center justify-between gap-4 border-b border-line px-5 py-2.5">
        <p role="status" className="text-sm font-medium">
          {t("documents.uploadsDone", { done: over, total: uploads.length })}
        </p>
        {over > 0 && (
          <Button size="sm" weight="ghost" onClick={clearFinished}>
            {t("documents.clearFinished")}
          </Button>
        )}
      </div>
      <ul className="max-h-80 divide-y divide-line overflow-y-auto" tabIndex={0} aria-label={t("documents.uploads")}>
        {uploads.map((upload) => (
          <UploadEntry key={upload.id} upload={upload} />
        ))}
      </ul>
    </Card>
  );
}

function UploadEntry({ upload }: { upload: Upload }) {
  const { t } = useTranslation();
  const { phase, document } = upload;
  return (
    <li data-testid="upload" data-phase={phase} className="flex items-center gap-3 px-5 py-2.5 text-sm">
      <div className="min-w-0 flex-1">
        <p className="flex items-baseline justify-between gap-4">
          <span className="min-w-0 truncate font-medium" title={upload.name}>
            {upload.name}
          </span>
          <span className="shrink-0 text-[13px] text-muted">
            <UploadState upload={upload} />
          </span>
        </p>
        {!isOver(upload) && (
          <div className="mt-1.5">
            <ProgressBar label={upload.name} value={shareOf(upload)} />
          </div>
        )}
        {upload.notice !== null && (
          <p className="mt-0.5 text-[13px] text-warn">{t(`documents.notices.${upload.notice}`)}</p>
        )}
        {phase === "failed" && (
          <p className="mt-0.5 text-[13px] text-danger">
            {document?.error ? codeText(document.error.code, t) : errorText(upload.error, t).title}
          </p>
        )}
      </div>
      {phase === "waiting" || phase === "sending" ? (
        <IconButton
          small
          icon={X}
          label={t("documents.cancelUpload", { name: upload.name })}
          onClick={() => cancelUpload(upload.id)}
        />
      ) : phase === "ready" ? (
        <CircleCheck aria-hidden className="mx-2 size-4 text-good" />
      ) : phase === "failed" ? (
        <CircleX aria-hidden className="mx-2 size-4 text-danger" />
      ) : (
        <span className="size-8" />
      )}
    </li>
  );
}

function UploadState({ upload }: { upload: Upload }) {
  const { t } = useTranslation();
  if (upload.phase === "sending")
    return (
      <>
        <Size bytes={upload.sentBytes} /> / <Size bytes={upload.sizeBytes} />
      </>
    );
  const stage = upload.document ? progressOf(upload.document).stage : null;
  if (upload.phase === "processing" && stage !== null) return t(`documents.stages.${stage}`);
  return t(`documents.phases.${upload.phase}`);
}

/** Sending is shown as bytes; processing by its stages. */
function shareOf(upload: Upload): number | null {
  if (upload.phase === "waiting") return 0;
  if (upload.phase === "sending") return upload.sizeBytes === 0 ? null : upload.sentBytes / upload.sizeBytes;
  return upload.document ? progressOf(upload.document).value : null;
}
