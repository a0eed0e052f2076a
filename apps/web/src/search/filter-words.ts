/** The words for a condition's values: languages, formats, days, yes and no. */
import type { TFunction } from "i18next";
import type { Condition, Scalar } from "./filter-draft.ts";

const FORMATS = {
  "application/pdf": "pdf",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "word",
  "application/msword": "word",
  "application/vnd.oasis.opendocument.text": "word",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "sheet",
  "application/vnd.ms-excel": "sheet",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": "slides",
  "text/html": "html",
  "application/xhtml+xml": "html",
  "text/markdown": "markdown",
  "text/plain": "text",
  "text/csv": "csv",
  "application/epub+zip": "epub",
  "message/rfc822": "email",
  "application/json": "json",
} as const;

export function formatName(mediaType: string, t: TFunction): string {
  const known = Object.entries(FORMATS).find(([type]) => type === mediaType)?.[1];
  return known === undefined ? mediaType : t(`filter.formats.${known}`);
}

export const languageName = (value: string, t: TFunction): string =>
  value === "en" || value === "zh" || value === "other" ? t(`languages.${value}`) : value;

export const valueName = (value: Scalar, t: TFunction): string =>
  value === true ? t("filter.yes") : value === false ? t("filter.no") : String(value);

/** "from – until", with one end open when that is all that was said. */
const span = (low: string | null, high: string | null): string => `${low ?? "…"} – ${high ?? "…"}`;

/** `documentName`: the chosen documents' names, where they are known. */
export function conditionName(condition: Condition, t: TFunction, documentName: (id: string) => string): string {
  switch (condition.kind) {
    case "documentIds":
      return documentName(condition.value);
    case "languages":
      return languageName(condition.value, t);
    case "mediaTypes":
      return formatName(condition.value, t);
    case "folders":
      return `${condition.value}/`;
    case "tags":
      return condition.value;
    case "created":
      return condition.from === condition.until && condition.from !== null
        ? condition.from
        : span(condition.from, condition.until);
    case "value":
      return `${condition.key}: ${valueName(condition.value, t)}`;
    case "range":
      return `${condition.key}: ${span(text(condition.low), text(condition.high))}`;
    case "exists":
      return t(condition.exists ? "filter.has" : "filter.lacks", { key: condition.key });
  }
}

const text = (value: Scalar | null): string | null => (value === null ? null : String(value));
