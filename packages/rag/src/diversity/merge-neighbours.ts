/**
 * Chunks that follow each other in their document → one passage in reading order, with their overlap said once, so that a reader sees
 * running text and a table stays one table under one header. What is merged is still verbatim: with a header it is the header and then
 * the parsed text at its span, without one it is that text alone. Chunks leave out the white space between them; where it cannot be
 * told what stood there (a blank or a line's end in prose), and between sections, they stand side by side and are not merged.
 */
import type { Passage } from "@lorekeep/core";
import { passageBody } from "../passage-sentences.ts";

/** Between two neighbours there is an empty line at most. */
const MAX_GAP = 2;

/** The best-ranked chunk's passage grown over its neighbours, and the chunks that it is made of, in reading order. */
export interface MergedPassage {
  readonly passage: Passage;
  readonly parts: readonly Passage[];
}

/** Best first in, best first out: neighbours stand where the best of them stood. */
export function mergeNeighbours(passages: readonly Passage[]): MergedPassage[] {
  const groups: Passage[][] = [];
  for (const passage of passages) {
    const near = groups.filter((members) => members.some((member) => areNeighbours(member, passage)));
    const [first, ...others] = near;
    if (first === undefined) {
      groups.push([passage]);
      continue;
    }
    // A chunk may close the gap between two groups.
    first.push(passage, ...others.flat());
    for (const other of others) groups.splice(groups.indexOf(other), 1);
  }
  return groups.flatMap(mergeGroup);
}

/** Parts of one table share its header; running text has none. */
export function areNeighbours(left: Passage, right: Passage): boolean {
  const gap = Math.max(left.span[0], right.span[0]) - Math.min(left.span[1], right.span[1]);
  return left.documentId === right.documentId && left.header === right.header && gap <= MAX_GAP;
}

/** `members`: the best one first, since its scores and its name stand for all. */
function mergeGroup(members: readonly Passage[]): MergedPassage[] {
  const runs: Passage[][] = [];
  for (const part of members.toSorted((left, right) => left.span[0] - right.span[0] || left.span[1] - right.span[1])) {
    const run = runs.at(-1);
    const end = Math.max(...(run ?? []).map(({ span }) => span[1]));
    if (run === undefined || betweenOf(part, end) === null || !isSameSection(run[0]!, part)) runs.push([part]);
    else run.push(part);
  }
  return runs.map((parts) => {
    const best = members.find((member) => parts.includes(member))!;
    return { passage: parts.length === 1 ? best : mergeRun(best, parts), parts };
  });
}

/** A section keeps its own headings and its own number to be cited by. */
function isSameSection(left: Passage, right: Passage): boolean {
  return left.headings.join("\n") === right.headings.join("\n");
}

function mergeRun(best: Passage, parts: readonly Passage[]): Passage {
  const { span, page, headings } = parts[0]!;
  const [start] = span;
  let body = "";
  for (const part of parts) {
    const end = start + body.length;
    if (part.span[0] > end) body += betweenOf(part, end) ?? "";
    body += passageBody(part).slice(Math.max(0, end - part.span[0]));
  }
  const text = best.header === null ? body : `${best.header}\n${body}`;
  const tokenCount = parts.reduce((sum, part) => sum + part.tokenCount, 0);
  return { ...best, text, span: [start, start + body.length], page, headings, tokenCount };
}

/** What the parsed text has between a place and the chunk after it: an empty line between blocks, a line's end between rows. */
function betweenOf(part: Passage, end: number): string | null {
  const gap = part.span[0] - end;
  if (gap <= 0) return "";
  if (gap === 2) return "\n\n";
  return part.header === null ? null : "\n";
}
