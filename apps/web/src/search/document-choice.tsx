/** Single documents, found by name: search in these and no others. */
import type { SearchFilter } from "@lorekeep/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useDocuments, useDocumentsById } from "../queries.ts";
import { Checkbox, TextField } from "../ui/field.tsx";
import { FacetGroup } from "./facet-group.tsx";
import { chosenOf, toggle } from "./filter-draft.ts";

interface ChoiceProps {
  collections: readonly string[];
  filter: SearchFilter;
  onChange: (filter: SearchFilter) => void;
}

const OFFERED = 6;

/** The chosen documents' names by id; the id itself until it is known. */
export function useDocumentNames(filter: SearchFilter): (id: string) => string {
  const documents = useDocumentsById(chosenOf(filter, "documentIds"));
  return (id) => documents.find((document) => document?.id === id)?.name ?? "…";
}

export function DocumentChoice({ collections, filter, onChange }: ChoiceProps) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const chosen = chosenOf(filter, "documentIds");
  const nameOf = useDocumentNames(filter);
  const [only] = collections;
  const found = useDocuments({
    name: name.trim() === "" ? undefined : name.trim(),
    status: "ready",
    ...(collections.length === 1 ? { collection: only } : {}),
  });
  const offered = (found.data?.items ?? [])
    .filter(
      ({ id, collectionId }) =>
        !chosen.includes(id) && (collections.length === 0 || collections.includes(collectionId)),
    )
    .slice(0, OFFERED);
  return (
    <FacetGroup title={t("filter.facets.documents")}>
      {chosen.map((id) => (
        <Checkbox key={id} checked label={nameOf(id)} onChange={() => onChange(toggle(filter, "documentIds", id))} />
      ))}
      <TextField
        type="search"
        hideLabel
        label={t("filter.pickDocument")}
        placeholder={t("filter.pickDocument")}
        value={name}
        maxLength={200}
        className="h-9 text-sm"
        onChange={(event) => setName(event.target.value)}
      />
      {name.trim() !== "" &&
        offered.map((document) => (
          <Checkbox
            key={document.id}
            checked={false}
            label={document.name}
            onChange={() => onChange(toggle(filter, "documentIds", document.id))}
          />
        ))}
      {name.trim() !== "" && found.data?.items.length === 0 && (
        <p className="py-1.5 text-[13px] text-muted">{t("filter.noDocument")}</p>
      )}
    </FacetGroup>
  );
}
