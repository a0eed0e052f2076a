import type { CollectionResponse } from "@lorekeep/core";
import { Link } from "@tanstack/react-router";
import { Boxes, Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCollections, useDeleteCollection } from "../queries.ts";
import { Badge } from "../ui/badge.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { ConfirmDialog } from "../ui/dialog.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Count } from "../ui/formatted.tsx";
import { Card, Empty, Page, Skeleton } from "../ui/page.tsx";
import { toast } from "../ui/toast.tsx";
import { CollectionDialog } from "./collection-dialog.tsx";
import { RefusalSummary } from "./refusal-summary.tsx";

export function CollectionsPage() {
  const { t } = useTranslation();
  const collections = useCollections();
  const [creating, setCreating] = useState(false);
  return (
    <Page
      title={t("collections.title")}
      lead={t("collections.lead")}
      actions={
        <Button weight="primary" icon={Plus} onClick={() => setCreating(true)}>
          {t("collections.create")}
        </Button>
      }
    >
      {collections.error !== null ? (
        <ErrorNote error={collections.error} onRetry={() => void collections.refetch()} />
      ) : collections.data === undefined ? (
        <Skeleton label={t("common.loading")} rows={5} />
      ) : collections.data.length === 0 ? (
        <Card>
          <Empty icon={Boxes} title={t("collections.none")} body={t("collections.noneBody")} />
        </Card>
      ) : (
        <ul className="grid gap-4 lg:grid-cols-2">
          {collections.data.map((collection) => (
            <CollectionCard key={collection.id} collection={collection} />
          ))}
        </ul>
      )}
      {creating && <CollectionDialog collection={null} onClose={() => setCreating(false)} />}
    </Page>
  );
}

function CollectionCard({ collection }: { collection: CollectionResponse }) {
  const { t } = useTranslation();
  const remove = useDeleteCollection();
  const [doing, setDoing] = useState<"edit" | "delete" | null>(null);
  return (
    <li data-testid="collection" className="flex flex-col rounded-2xl border border-line bg-surface p-5 shadow-card">
      <div className="flex items-start gap-2">
        <h2 className="min-w-0 flex-1 pt-1 font-serif text-lg leading-snug font-semibold break-words">
          {collection.name}
        </h2>
        <IconButton
          small
          icon={Pencil}
          label={t("collections.edit", { name: collection.name })}
          onClick={() => setDoing("edit")}
        />
        <IconButton
          small
          icon={Trash2}
          label={t("collections.delete", { name: collection.name })}
          onClick={() => setDoing("delete")}
        />
      </div>
      {collection.description !== "" && <p className="mt-1 text-sm text-muted">{collection.description}</p>}
      {collection.nextGenerationId !== null && (
        <p className="mt-2">
          <Badge tone="accent" pulse>
            {t("collections.rebuilding")}
          </Badge>
        </p>
      )}
      <dl className="mt-auto grid grid-cols-2 gap-x-4 gap-y-2 pt-4 text-sm">
        <div>
          <dt className="text-[13px] text-muted">{t("overview.documents")}</dt>
          <dd>
            <Link to="/admin/documents" className="font-medium hover:text-accent">
              <Count value={collection.documentCount} />
            </Link>
          </dd>
        </div>
        <div>
          <dt className="text-[13px] text-muted">{t("overview.chunks")}</dt>
          <dd className="font-medium">
            <Count value={collection.chunkCount} />
          </dd>
        </div>
        <div className="min-w-0">
          <dt className="text-[13px] text-muted">{t("collections.embedder")}</dt>
          <dd className="truncate font-medium" title={collection.embedder}>
            {collection.embedder}
          </dd>
        </div>
        <div>
          <dt className="text-[13px] text-muted">{t("collections.chunking")}</dt>
          <dd className="font-medium">{t("documents.tokens", { count: collection.chunking.maxTokens })}</dd>
        </div>
        <div className="col-span-2">
          <dt className="text-[13px] text-muted">{t("refusals.summary")}</dt>
          <dd>
            <RefusalSummary collection={collection} />
          </dd>
        </div>
      </dl>
      {doing === "edit" && <CollectionDialog collection={collection} onClose={() => setDoing(null)} />}
      {doing === "delete" && (
        <ConfirmDialog
          danger
          title={t("collections.deleteTitle")}
          body={t("collections.deleteBody", { name: collection.name, count: collection.documentCount })}
          confirmLabel={t("common.delete")}
          onClose={() => setDoing(null)}
          onConfirm={async () => {
            await remove.mutateAsync(collection.id);
            toast(t("collections.deleted", { name: collection.name }));
          }}
        />
      )}
    </li>
  );
}
