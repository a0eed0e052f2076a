/** The form's values for a collection, and which of them a save has to send. Number fields stay text while typed. */
import type { CollectionResponse, UpdateCollectionRequest } from "@lorekeep/core";
import { promptDraftOf, promptOf, type PromptDraft } from "../evaluate/prompt-draft.ts";

export interface CollectionDraft extends PromptDraft {
  readonly name: string;
  readonly description: string;
  readonly language: CollectionResponse["language"];
  /** "" = the server's default. */
  readonly embedder: string;
  readonly maxTokens: string;
  readonly overlapTokens: string;
  readonly passageCount: string;
  readonly denseWeight: number;
  readonly refusalThreshold: number;
}

const DEFAULTS: CollectionDraft = {
  name: "",
  description: "",
  language: "auto",
  embedder: "",
  maxTokens: "200",
  overlapTokens: "32",
  passageCount: "6",
  denseWeight: 0.5,
  refusalThreshold: 0.5,
  ...promptDraftOf(null),
};

export function draftOf(collection: CollectionResponse | null): CollectionDraft {
  if (collection === null) return DEFAULTS;
  const { name, description, language, embedder, chunking, retrieval } = collection;
  return {
    name,
    description,
    language,
    embedder,
    maxTokens: String(chunking.maxTokens),
    overlapTokens: String(chunking.overlapTokens),
    passageCount: String(retrieval.passageCount),
    denseWeight: retrieval.denseWeight,
    refusalThreshold: retrieval.refusalThreshold,
    ...promptDraftOf(retrieval.prompt),
  };
}

/** Only what differs from the collection, or from the server's defaults for a new one. */
export function changesOf(collection: CollectionResponse | null, draft: CollectionDraft): UpdateCollectionRequest {
  const old = draftOf(collection);
  const differs = (...keys: (keyof CollectionDraft)[]) => keys.some((key) => draft[key] !== old[key]);
  return {
    ...(differs("name") ? { name: draft.name.trim() } : {}),
    ...(differs("description") ? { description: draft.description.trim() } : {}),
    ...(differs("language") ? { language: draft.language } : {}),
    ...(differs("embedder") ? { embedder: draft.embedder } : {}),
    ...(differs("maxTokens", "overlapTokens")
      ? { chunking: { maxTokens: Number(draft.maxTokens), overlapTokens: Number(draft.overlapTokens) } }
      : {}),
    ...retrievalChanges(draft, {
      search: differs("passageCount", "denseWeight", "refusalThreshold"),
      prompt: differs("promptVersion", "instructions", "examples"),
    }),
  };
}

function retrievalChanges(
  draft: CollectionDraft,
  differs: { search: boolean; prompt: boolean },
): Pick<UpdateCollectionRequest, "retrieval"> {
  if (!differs.search && !differs.prompt) return {};
  const search = {
    passageCount: Number(draft.passageCount),
    denseWeight: draft.denseWeight,
    refusalThreshold: draft.refusalThreshold,
  };
  return {
    retrieval: { ...(differs.search ? search : {}), ...(differs.prompt ? { prompt: promptOf(draft) } : {}) },
  };
}

/** A changed embedder or chunking builds a new index beside the serving one. */
export function rebuilds(collection: CollectionResponse | null, draft: CollectionDraft): boolean {
  if (collection === null || collection.documentCount === 0) return false;
  const changes = changesOf(collection, draft);
  return changes.embedder !== undefined || changes.chunking !== undefined;
}
