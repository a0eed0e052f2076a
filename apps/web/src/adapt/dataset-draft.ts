/** The form of a new dataset, and the requests that it makes: first the dataset, then what is drafted into it. */
import type { CreateDatasetRequest, DraftExamplesRequest } from "@lorekeep/core";
import type { ReadExamples } from "./read-example-file.ts";

export const WAYS = ["file", "documents", "feedback"] as const;

export interface ChosenFile extends ReadExamples {
  readonly name: string;
}

export interface DatasetDraft {
  readonly way: (typeof WAYS)[number];
  readonly name: string;
  /** "" = none; null = not chosen yet. */
  readonly collection: string | null;
  readonly file: ChosenFile | null;
  readonly review: boolean;
  readonly unanswerable: boolean;
}

export const EMPTY_DATASET: DatasetDraft = {
  way: "file",
  name: "",
  collection: null,
  file: null,
  review: false,
  unanswerable: true,
};

/** What was typed, else the file's name without its ending. */
export const nameOf = ({ name, way, file }: DatasetDraft): string => {
  if (name.trim() !== "") return name.trim();
  return way === "file" ? (file?.name.replace(/\.[^.]+$/, "") ?? "") : "";
};

const placeOf = ({ collection }: DatasetDraft) => (collection === null || collection === "" ? {} : { collection });

/** null while a name, examples or the place to draft from are missing. */
export function datasetRequest(draft: DatasetDraft): CreateDatasetRequest | null {
  const name = nameOf(draft);
  if (name === "") return null;
  if (draft.way !== "file") return "collection" in placeOf(draft) ? { name, ...placeOf(draft) } : null;
  const examples = [...(draft.file?.examples ?? [])];
  return examples.length === 0 ? null : { name, ...placeOf(draft), examples, review: draft.review };
}

/** What is added by rule afterwards; nothing without documents to take it from. */
export function draftedFrom(draft: DatasetDraft): DraftExamplesRequest["from"] {
  if (!("collection" in placeOf(draft))) return [];
  return [...(draft.way === "file" ? [] : [draft.way]), ...(draft.unanswerable ? (["unanswerable"] as const) : [])];
}
