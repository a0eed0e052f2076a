/**
 * Which document "summarise …" means: the one the question is narrowed to, the only one there is, or the one whose name or title
 * fits best what was said. Several that fit equally are named, never guessed between. Only documents of the run's collections
 * that its filter admits exist here.
 */
import { throwIfAborted } from "@lorekeep/core";
import type { Collection, DocumentId, DocumentRecord, Language, SearchFilter } from "@lorekeep/core";
import type { Run } from "../answer-run.ts";
import { readQuestion } from "../question.ts";
import { coverage, evenTermWeight } from "../text/term-weights.ts";
import { indexTerms } from "../text/terms.ts";

export type FoundDocument =
  | { readonly document: DocumentRecord }
  /** Names to choose from, best first; empty when no document is meant at all. */
  | { readonly document: null; readonly names: readonly string[] };

/** Libraries up to this size are looked through; in larger ones a document is found by a piece of its name only. */
const LOOK_THROUGH_AT_MOST = 1000;
const PAGE = 200;
const NAMES_AT_MOST = 3;
const NO_DOCUMENT: FoundDocument = { document: null, names: [] };

/** `name` "" = this document; `language`: of two that carry the name, the one in it. */
export async function findDocument(name: string, run: Run, language: Language): Promise<FoundDocument> {
  if (run.deps.documents === undefined) return NO_DOCUMENT;
  const only = await onlyDocument(run);
  if (only !== null) return { document: only };
  const candidates = await listCandidates(name, run);
  if (name === "") return { document: null, names: candidates.slice(0, NAMES_AT_MOST).map((each) => each.name) };
  const rated = candidates.map((document) => ({ document, fit: fitOf(name, document) }));
  const best = Math.max(0, ...rated.map(({ fit }) => fit));
  if (best === 0) return NO_DOCUMENT;
  const fitting = rated.filter(({ fit }) => fit === best).map(({ document }) => document);
  const spoken = fitting.filter((document) => document.language === language);
  const chosen = spoken.length === 1 ? spoken : fitting;
  const [document] = chosen;
  if (document === undefined || chosen.length > 1)
    return { document: null, names: chosen.slice(0, NAMES_AT_MOST).map((each) => each.name) };
  return (await isAdmitted(document, run)) ? { document } : NO_DOCUMENT;
}

/** A filter that names one document, or a library that holds one. */
async function onlyDocument(run: Run): Promise<DocumentRecord | null> {
  const documents = run.deps.documents!;
  const named = [...(run.filter?.documentIds ?? []), ...(run.filter?.externalIds ?? [])];
  if (named.length === 1) {
    const found = run.filter?.documentIds
      ? [await documents.get(named[0]! as DocumentId)] // any text may be looked up
      : await Promise.all(run.collections.map(({ id }) => documents.getByExternalId(id, named[0]!)));
    const document = found.find((each) => each !== null && isReadable(each, run.collections)) ?? null;
    return document !== null && (await isAdmitted(document, run)) ? document : null;
  }
  if (run.collections.reduce((sum, { documentCount }) => sum + documentCount, 0) !== 1) return null;
  const [document] = (await listCandidates("", run)).filter(({ versionId }) => versionId !== null);
  return document !== undefined && (await isAdmitted(document, run)) ? document : null;
}

async function listCandidates(name: string, run: Run): Promise<DocumentRecord[]> {
  const collectionIds = run.collections.map(({ id }) => id);
  const size = run.collections.reduce((sum, { documentCount }) => sum + documentCount, 0);
  const pieces = size <= LOOK_THROUGH_AT_MOST || name === "" ? [undefined] : spellingsOf(name);
  const found = new Map<string, DocumentRecord>();
  for (const nameContains of pieces) {
    let cursor: string | undefined;
    do {
      throwIfAborted(run.signal);
      const page = await run.deps.documents!.list({ collectionIds, nameContains, limit: PAGE, cursor });
      for (const document of page.items) if (isReadable(document, run.collections)) found.set(document.id, document);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined && found.size < LOOK_THROUGH_AT_MOST);
  }
  return [...found.values()];
}

const isReadable = (document: DocumentRecord, collections: readonly Collection[]): boolean =>
  document.versionId !== null && collections.some(({ id }) => id === document.collectionId);

/** Every other condition of the filter holds for a document that was named too. */
async function isAdmitted(document: DocumentRecord, { filter, collections, deps }: Run): Promise<boolean> {
  if (filter === undefined || Object.keys(filter).length === 0) return true;
  const generationIds = collections.filter(({ id }) => id === document.collectionId).map((each) => each.generationId);
  const narrowed: SearchFilter = { ...filter, documentIds: [document.id] };
  if (filter.documentIds !== undefined && !filter.documentIds.includes(document.id)) return false;
  return (await deps.passages.matchFilter(generationIds, narrowed)).length > 0;
}

const spellingsOf = (name: string): string[] => [
  ...new Set([name, ...["-", "_", ""].map((joint) => name.replace(/\s+/gu, joint))]),
];

/** 4 = called exactly so, 3 = but for the endings ("guide.zh.md"), 2 = one is part of the other, 1 = every word of it is there, 0 = another one. */
function fitOf(name: string, { name: fileName, title }: DocumentRecord): number {
  const said = folded(name);
  if (said === folded(fileName)) return 4;
  const names = [fileName.replace(/(?:\.[a-z]{2})?\.[a-z0-9]{1,5}$/iu, ""), ...(title === null ? [] : [title])].map(
    folded,
  );
  if (names.includes(said)) return 3;
  if (names.some((each) => (said.length > 3 && each.includes(said)) || (each.length > 5 && said.includes(each))))
    return 2;
  const { keys } = readQuestion(said, evenTermWeight);
  return keys.length > 0 && coverage(keys, indexTerms(names.join("\n")), evenTermWeight) === 1 ? 1 : 0;
}

const folded = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s_-]+/gu, " ")
    .trim();
