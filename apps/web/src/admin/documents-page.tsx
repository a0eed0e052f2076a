import { useState } from "react";
import { useTranslation } from "react-i18next";
import { DOCUMENT_STATUSES, type DocumentStatus } from "@lorekeep/core";
import { useCollections, useDocuments } from "../queries.ts";
import { SelectField, TextField } from "../ui/field.tsx";
import { Page } from "../ui/page.tsx";
import { Pager } from "../ui/table.tsx";
import { DocumentsTable } from "./documents-table.tsx";
import { DropZone } from "./drop-zone.tsx";
import { UploadList } from "./upload-list.tsx";
import { useSettled } from "./use-settled.ts";

interface Filter {
  readonly name: string;
  readonly status: DocumentStatus | "";
  readonly collection: string;
}
const NO_FILTER: Filter = { name: "", status: "", collection: "" };

export function DocumentsPage() {
  const { t } = useTranslation();
  const collections = useCollections().data ?? [];
  const [filter, setFilter] = useState(NO_FILTER);
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const name = useSettled(filter.name.trim());
  const orNone = <Value extends string>(value: Value) => (value === "" ? undefined : (value as Exclude<Value, "">));
  const documents = useDocuments({
    name: orNone(name),
    status: orNone(filter.status),
    collection: orNone(filter.collection),
    cursor: cursors.at(-1),
  });
  const change = (part: Partial<Filter>) => {
    setFilter({ ...filter, ...part });
    setCursors([]);
  };
  const filtered = filter !== NO_FILTER && Object.values(filter).some((value) => value !== "");
  return (
    <Page title={t("documents.title")} lead={t("documents.lead")}>
      <DropZone preferred={orNone(filter.collection)} />
      <UploadList />
      <div role="search" aria-label={t("documents.filter")} className="mt-8 mb-3 flex flex-wrap gap-3">
        <div className="flex-1 max-sm:basis-full">
          <TextField
            hideLabel
            type="search"
            label={t("documents.searchName")}
            placeholder={t("documents.searchName")}
            value={filter.name}
            onChange={(event) => change({ name: event.target.value })}
          />
        </div>
        <div className="w-40 max-sm:flex-1">
          <SelectField
            hideLabel
            label={t("documents.columns.status")}
            value={filter.status}
            onChange={(event) => change({ status: event.target.value as Filter["status"] })}
            options={[
              { value: "", label: t("documents.anyStatus") },
              ...DOCUMENT_STATUSES.map((value) => ({ value, label: t(`documents.status.${value}`) })),
            ]}
          />
        </div>
        {collections.length > 1 && (
          <div className="w-48 max-sm:flex-1">
            <SelectField
              hideLabel
              label={t("documents.collection")}
              value={filter.collection}
              onChange={(event) => change({ collection: event.target.value })}
              options={[
                { value: "", label: t("chat.allCollections") },
                ...collections.map((collection) => ({ value: collection.id, label: collection.name })),
              ]}
            />
          </div>
        )}
      </div>
      <DocumentsTable documents={documents} filtered={filtered} collections={collections} />
      <Pager cursors={cursors} nextCursor={documents.data?.nextCursor ?? null} onTurn={setCursors} />
    </Page>
  );
}
