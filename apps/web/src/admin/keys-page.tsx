import type { ApiKeyResponse } from "@lorekeep/core";
import { KeyRound, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCollections, useKeys, useRevokeKey } from "../queries.ts";
import { Badge } from "../ui/badge.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { ConfirmDialog } from "../ui/dialog.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { When } from "../ui/formatted.tsx";
import { Card, Empty, Page, Skeleton } from "../ui/page.tsx";
import { Cell, Row, Table } from "../ui/table.tsx";
import { toast } from "../ui/toast.tsx";
import { CreateKeyDialog } from "./create-key-dialog.tsx";

export function KeysPage() {
  const { t } = useTranslation();
  const keys = useKeys();
  const [creating, setCreating] = useState(false);
  const columns = ["name", "rights", "collections", "used", "expires"] as const;
  return (
    <Page
      title={t("keys.title")}
      lead={t("keys.lead")}
      actions={
        <Button weight="primary" icon={Plus} onClick={() => setCreating(true)}>
          {t("keys.create")}
        </Button>
      }
    >
      {keys.error !== null ? (
        <ErrorNote error={keys.error} onRetry={() => void keys.refetch()} />
      ) : keys.data === undefined ? (
        <Skeleton label={t("common.loading")} rows={4} />
      ) : keys.data.length === 0 ? (
        <Card>
          <Empty icon={KeyRound} title={t("keys.none")} body={t("keys.noneBody")} />
        </Card>
      ) : (
        <Card className="overflow-hidden">
          <Table
            label={t("keys.title")}
            head={[
              ...columns.map((column) => t(`keys.columns.${column}`)),
              <span key="actions" className="sr-only">
                {t("common.actions")}
              </span>,
            ]}
          >
            {keys.data.map((apiKey) => (
              <KeyRow key={apiKey.id} apiKey={apiKey} />
            ))}
          </Table>
        </Card>
      )}
      {creating && <CreateKeyDialog onClose={() => setCreating(false)} />}
    </Page>
  );
}

function KeyRow({ apiKey }: { apiKey: ApiKeyResponse }) {
  const { t } = useTranslation();
  const names = new Map(useCollections().data?.map((collection) => [collection.id, collection.name]));
  const revoke = useRevokeKey();
  const [asking, setAsking] = useState(false);
  return (
    <Row data-testid="key-row">
      <Cell wide>
        <span className="font-medium break-words">{apiKey.name}</span>
        <span className="block font-mono text-xs text-muted">{apiKey.prefix}…</span>
      </Cell>
      <Cell name={t("keys.columns.rights")}>
        <span className="flex flex-wrap gap-1">
          {apiKey.scopes.map((scope) => (
            <Badge key={scope} tone={scope === "admin" ? "warn" : "neutral"}>
              {t(`keys.scopes.${scope}`)}
            </Badge>
          ))}
        </span>
      </Cell>
      <Cell name={t("keys.columns.collections")}>
        {apiKey.collectionIds === null
          ? t("chat.allCollections")
          : apiKey.collectionIds.map((id) => names.get(id) ?? id).join(t("common.listSeparator"))}
      </Cell>
      <Cell name={t("keys.columns.used")}>
        <span className="text-muted">
          {apiKey.lastUsedAt === null ? t("keys.never") : <When at={apiKey.lastUsedAt} />}
        </span>
      </Cell>
      <Cell name={t("keys.columns.expires")}>
        <span className="text-muted">
          {apiKey.expiresAt === null ? t("keys.never") : <When at={apiKey.expiresAt} />}
        </span>
      </Cell>
      <Cell end corner>
        <IconButton
          small
          icon={Trash2}
          label={t("keys.revoke", { name: apiKey.name })}
          onClick={() => setAsking(true)}
        />
        {asking && (
          <ConfirmDialog
            danger
            title={t("keys.revokeTitle")}
            body={t("keys.revokeBody", { name: apiKey.name })}
            confirmLabel={t("keys.revokeConfirm")}
            onClose={() => setAsking(false)}
            onConfirm={async () => {
              await revoke.mutateAsync(apiKey.id);
              toast(t("keys.revoked", { name: apiKey.name }));
            }}
          />
        )}
      </Cell>
    </Row>
  );
}
