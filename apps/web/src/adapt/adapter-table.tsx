/** All adapters with their verdict, their size, where they answer, and what can be done with them. */
import type { Adapter, CollectionResponse } from "@lorekeep/core";
import { Link } from "@tanstack/react-router";
import { Download, Ellipsis, Power, Scale, Trash2, Upload } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { adapterFileUrl, useDeleteAdapter, useImportAdapter } from "../adaptation-queries.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { ConfirmDialog } from "../ui/dialog.tsx";
import { errorText } from "../ui/error-text.ts";
import { Size, When } from "../ui/formatted.tsx";
import { Menu } from "../ui/menu.tsx";
import { Card } from "../ui/page.tsx";
import { Cell, Row, Table } from "../ui/table.tsx";
import { toast } from "../ui/toast.tsx";
import { adapterLabel, baseLabel, EVERYWHERE } from "./answering-now.ts";
import { SwitchOnDialog } from "./switch-on-dialog.tsx";
import { useNavigate } from "@tanstack/react-router";

interface TableProps {
  adapters: readonly Adapter[];
  collections: readonly CollectionResponse[];
}
const COLUMNS = ["name", "gate", "where", "size", "made"] as const;

export function AdapterTable({ adapters, collections }: TableProps) {
  const { t } = useTranslation();
  return (
    <>
      {adapters.length === 0 ? (
        <p className="text-muted">{t("adapt.adapters.none")}</p>
      ) : (
        <Card className="overflow-hidden">
          <Table
            label={t("adapt.adapters.title")}
            head={[
              ...COLUMNS.map((column) => t(`adapt.adapters.columns.${column}`)),
              <span key="actions" className="sr-only">
                {t("common.actions")}
              </span>,
            ]}
          >
            {adapters.map((adapter) => (
              <AdapterRow key={adapter.id} adapter={adapter} collections={collections} />
            ))}
          </Table>
        </Card>
      )}
      <ImportButton />
    </>
  );
}

function AdapterRow({ adapter, collections }: { adapter: Adapter; collections: readonly CollectionResponse[] }) {
  const { t } = useTranslation();
  const places = adapter.activeIn.map(({ collectionId }) =>
    collectionId === EVERYWHERE
      ? t("adapt.answering.everywhere")
      : (collections.find(({ id }) => id === collectionId)?.name ?? collectionId),
  );
  const label = adapterLabel(adapter);
  const verdict = adapter.passed ? "passed" : adapter.gate === null ? "untested" : "failed";
  return (
    <Row data-testid="adapter-row">
      <Cell wide>
        {adapter.fineTuneId === null ? (
          <span className="font-medium break-words">{label}</span>
        ) : (
          <Link
            to="/admin/adapt/runs/$runId"
            params={{ runId: adapter.fineTuneId }}
            className="font-medium break-words hover:text-accent hover:underline"
          >
            {label}
          </Link>
        )}
        <span className="block text-[13px] break-words text-muted">
          {t(`adapt.adapters.origins.${adapter.origin}`)} · {baseLabel(adapter.base)}
        </span>
      </Cell>
      <Cell name={t("adapt.adapters.columns.gate")}>
        <Badge tone={verdict === "passed" ? "good" : verdict === "failed" ? "warn" : "neutral"}>
          {t(`adapt.gate.${verdict}`)}
        </Badge>
      </Cell>
      <Cell name={t("adapt.adapters.columns.where")}>
        {places.length === 0 ? (
          <span className="text-faint">–</span>
        ) : (
          <span className="break-words">{places.join(t("common.listSeparator"))}</span>
        )}
      </Cell>
      <Cell name={t("adapt.adapters.columns.size")}>
        <Size bytes={adapter.sizeBytes} />
      </Cell>
      <Cell name={t("adapt.adapters.columns.made")}>
        <span className="text-muted">
          <When at={adapter.createdAt} />
        </span>
      </Cell>
      <Cell end corner>
        <AdapterMenu adapter={adapter} />
      </Cell>
    </Row>
  );
}

function AdapterMenu({ adapter }: { adapter: Adapter }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const remove = useDeleteAdapter();
  const [doing, setDoing] = useState<"on" | "delete" | null>(null);
  const name = adapterLabel(adapter);
  return (
    <>
      <Menu
        label={t("documents.menu", { name })}
        icon={Ellipsis}
        items={[
          { label: t("adapt.switchOn.open"), icon: Power, onSelect: () => setDoing("on") },
          {
            label: t("adapt.places.compare"),
            icon: Scale,
            onSelect: () => void navigate({ to: "/admin/adapt/compare", search: { adapter: adapter.id } }),
          },
          ...(["gguf", "peft"] as const).map((format) => ({
            label: t(`adapt.adapters.download.${format}`),
            icon: Download,
            onSelect: () => location.assign(adapterFileUrl(adapter.id, format)),
          })),
          {
            label: t("common.delete"),
            icon: Trash2,
            danger: true,
            disabled: adapter.activeIn.length > 0 || adapter.origin === "built-in",
            onSelect: () => setDoing("delete"),
          },
        ]}
      />
      {doing === "on" && <SwitchOnDialog adapters={[adapter]} adapter={adapter} onClose={() => setDoing(null)} />}
      {doing === "delete" && (
        <ConfirmDialog
          danger
          title={t("adapt.adapters.deleteTitle")}
          body={t("adapt.adapters.deleteBody", { name })}
          confirmLabel={t("common.delete")}
          onClose={() => setDoing(null)}
          onConfirm={async () => {
            await remove.mutateAsync(adapter.id);
            toast(t("documents.deleted", { name }));
          }}
        />
      )}
    </>
  );
}

/** An adapter that another trainer made comes back as GGUF, or as PEFT's files in a zip. */
function ImportButton() {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const bring = useImportAdapter();
  return (
    <div className="mt-3">
      <Button size="sm" weight="ghost" icon={Upload} busy={bring.isPending} onClick={() => input.current?.click()}>
        {t("adapt.adapters.import")}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        data-testid="adapter-input"
        accept=".gguf,.zip,.safetensors"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file === undefined) return;
          bring.mutate(
            { name: file.name.replace(/\.[^.]+$/, ""), file },
            {
              onSuccess: () => toast(t("adapt.adapters.imported")),
              onError: (error) => toast(errorText(error, t).detail ?? errorText(error, t).title),
            },
          );
        }}
      />
    </div>
  );
}
