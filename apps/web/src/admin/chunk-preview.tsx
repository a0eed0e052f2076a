/** What the chunk size and overlap in the form would make of one document, before they are saved. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useChunkPreview } from "../collection-queries.ts";
import { useDocuments } from "../queries.ts";
import { Badge } from "../ui/badge.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { SelectField } from "../ui/field.tsx";
import type { CollectionDraft } from "./collection-draft.ts";
import { useSettled } from "./use-settled.ts";

interface PreviewProps {
  draft: Pick<CollectionDraft, "maxTokens" | "overlapTokens" | "embedder">;
  /** null = it is still to be made: any document will do. */
  collectionId: string | null;
}

export function ChunkPreview({ draft, collectionId }: PreviewProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <details className="sm:col-span-2" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="text-sm font-medium text-accent hover:underline">{t("collections.preview.title")}</summary>
      {open && <Preview draft={draft} collectionId={collectionId} />}
    </details>
  );
}

function Preview({ draft, collectionId }: PreviewProps) {
  const { t } = useTranslation();
  const documents = useDocuments({ status: "ready", collection: collectionId ?? undefined });
  const [chosen, setChosen] = useState("");
  const items = documents.data?.items ?? [];
  const documentId = chosen === "" ? (items[0]?.id ?? null) : chosen;
  const [maxTokens, overlapTokens] = [Number(draft.maxTokens), Number(draft.overlapTokens)];
  const settled = useSettled(`${maxTokens}/${overlapTokens}`);
  const preview = useChunkPreview(
    documentId,
    { chunking: { maxTokens, overlapTokens }, ...(draft.embedder === "" ? {} : { embedder: draft.embedder }) },
    settled === `${maxTokens}/${overlapTokens}`,
  );
  if (documents.data === undefined) return <p className="mt-2 text-sm text-muted">{t("common.loading")}</p>;
  if (items.length === 0) return <p className="mt-2 text-sm text-muted">{t("collections.preview.none")}</p>;
  return (
    <div className="mt-2 flex flex-col gap-3">
      <SelectField
        label={t("collections.preview.document")}
        value={documentId ?? ""}
        onChange={(event) => setChosen(event.target.value)}
        options={items.map(({ id, name }) => ({ value: id, label: name }))}
      />
      {preview.error !== null && <ErrorNote error={preview.error} />}
      {preview.data === undefined && preview.error === null && (
        <p role="status" className="text-sm text-muted">
          {t("collections.preview.reading")}
        </p>
      )}
      {preview.data !== undefined && (
        <>
          <p role="status" className="text-sm" aria-busy={preview.isFetching}>
            {t("collections.preview.count", { count: preview.data.total, mean: preview.data.meanTokens })}
            {preview.data.total > preview.data.items.length && (
              <span className="text-muted">
                {" "}
                · {t("collections.preview.first", { count: preview.data.items.length })}
              </span>
            )}
          </p>
          <ol
            tabIndex={0}
            aria-label={t("collections.preview.title")}
            className="flex max-h-72 flex-col gap-2 overflow-y-auto rounded-xl bg-sunk p-3"
          >
            {preview.data.items.map(({ ordinal, text, page, headings, tokenCount, overlap }) => (
              <li key={ordinal} className="rounded-lg border border-line bg-surface p-3 text-sm">
                <p className="flex min-w-0 flex-wrap items-center gap-2 text-[13px] text-muted">
                  <Badge>{ordinal + 1}</Badge>
                  {page !== null && <span>{t("source.page", { page })}</span>}
                  <span>{t("documents.tokens", { count: tokenCount })}</span>
                  <span className="min-w-0 truncate">{headings.join(" › ")}</span>
                </p>
                <p className="mt-1.5 break-words whitespace-pre-wrap">
                  {overlap > 0 && (
                    <mark className="rounded bg-accent-soft text-ink" title={t("collections.preview.overlap")}>
                      {text.slice(0, overlap)}
                    </mark>
                  )}
                  {text.slice(overlap)}
                </p>
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}
