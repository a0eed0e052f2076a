/**
 * Parsed document → chunks (the tour's sixth stop): whole sentences and rows, packed up to `maxTokens` of the embedder's own
 * tokens, with spans into the parsed text.
 *
 * Invariants: chunks' fresh parts cover every block in order; a chunk without a header has exactly the parsed text at its
 * span; no chunk counts more than `maxTokens`, verified on the final text. The event loop is never held long.
 */
import type { ChunkDraft, ParsedDocument, ParsedPage } from "@lorekeep/core";
import { AppError } from "@lorekeep/core";
import type { ChunkOptions } from "./chunk-options.ts";
import { makeCounter, unitsOf, type Unit } from "./chunk-units.ts";
import { contentHashOf } from "./embedded-text.ts";
import { packUnits, type Group } from "./pack-units.ts";
import { makePauser } from "./pause.ts";

/** Throws aborted, and what `countTokens` throws. An empty document gives no chunks. */
export async function chunkDocument(parsed: ParsedDocument, options: ChunkOptions): Promise<ChunkDraft[]> {
  const { maxTokens } = options;
  const overlapTokens = Math.min(options.overlapTokens, Math.floor(maxTokens / 2));
  const text = parsed.pages.map((page) => page.text).join("");
  const count = makeCounter(options);
  const units = await unitsOf(text, parsed.blocks, options, count);
  const queue = await packUnits(units, { maxTokens, overlapTokens, signal: options.signal });
  const pageAt = makePageFinder(parsed.pages);
  const drafts: ChunkDraft[] = [];
  const pause = makePauser(options.signal);
  while (queue.length > 0) {
    const groups = queue.splice(0, 64);
    const texts = groups.map((group) => textOf(text, units, group));
    const counts = await count(texts, (one) => one);
    const tooLong: Group[] = [];
    for (const [at, group] of groups.entries()) {
      if (tooLong.length > 0 || counts[at]! > maxTokens) {
        tooLong.push(...(counts[at]! > maxTokens ? shrink(group, counts[at]!, maxTokens) : [group]));
        continue;
      }
      const draft = describe(units, group, pageAt);
      drafts.push({
        ...draft,
        ordinal: drafts.length,
        text: texts[at]!,
        tokenCount: counts[at]!,
        contentHash: contentHashOf({ text: texts[at]! }),
      });
      await pause();
    }
    queue.unshift(...tooLong);
  }
  return drafts;
}

function headerOf(units: readonly Unit[], group: Group): string | null {
  return units[group.from]!.header;
}

function textOf(text: string, units: readonly Unit[], group: Group): string {
  const header = headerOf(units, group);
  const body = text.slice(units[group.from]!.start, units[group.to - 1]!.end);
  return header === null ? body : `${header}\n${body}`;
}

/** The tokens of a text are not quite the sum of its sentences' tokens: first the repeated part goes, then the group is halved. */
function shrink(group: Group, tokenCount: number, maxTokens: number): Group[] {
  if (group.from < group.fresh) return [{ ...group, from: group.fresh }];
  if (group.to - group.from < 2)
    throw new AppError("shape_mismatch", `A piece of ${tokenCount} tokens cannot be cut down to ${maxTokens}.`, {
      tokenCount,
      maxTokens,
    });
  const middle = Math.ceil((group.from + group.to) / 2);
  return [
    { from: group.from, fresh: group.from, to: middle },
    { from: middle, fresh: middle, to: group.to },
  ];
}

function describe(
  units: readonly Unit[],
  group: Group,
  pageAt: (offset: number) => number | null,
): Pick<ChunkDraft, "span" | "page" | "pageEnd" | "headings" | "header"> {
  const start = units[group.from]!.start;
  const end = units[group.to - 1]!.end;
  let body = group.from;
  while (body < group.to - 1 && units[body]!.level !== null) body += 1;
  return {
    span: [start, end],
    page: pageAt(start),
    pageEnd: pageAt(end - 1),
    headings: units[body]!.headings,
    header: headerOf(units, group),
  };
}

function makePageFinder(pages: readonly ParsedPage[]): (offset: number) => number | null {
  return (offset) => {
    let low = 0;
    let high = pages.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (pages[middle]!.start <= offset) low = middle;
      else high = middle - 1;
    }
    return pages[low]?.page ?? null;
  };
}
