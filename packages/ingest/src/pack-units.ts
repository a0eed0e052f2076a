/**
 * Units → groups that become chunks. Greedy, with the reader's sense of where to stop: sections do not run into each other, a
 * heading stays with what follows, a paragraph or listing that would fit whole into the next chunk is not torn, and each
 * chunk but a section's first begins with the last sentences of the one before it.
 */
import type { Unit } from "./chunk-units.ts";
import { makePauser } from "./pause.ts";

export interface PackOptions {
  readonly maxTokens: number;
  readonly overlapTokens: number;
  readonly signal?: AbortSignal | undefined;
}

/** A range [from, to) of units; those before `fresh` repeat the end of the group before. */
export interface Group {
  readonly from: number;
  readonly fresh: number;
  readonly to: number;
}

/** A section smaller than this share of a chunk may share a chunk with the next. */
const TINY_SHARE = 0.15;
/** From this fill on, a lower heading begins a new chunk. */
const HEADING_SHARE = 0.5;
/** From this fill on, a block that does not fit but would fit whole into an empty chunk begins a new one. */
const BLOCK_SHARE = 0.6;
const LISTING_SHARE = 0.25;

export async function packUnits(units: readonly Unit[], options: PackOptions): Promise<Group[]> {
  const pause = makePauser(options.signal);
  const groups: Group[] = [];
  const topLevel = topLevelOf(units);
  let blockTokens = 0;
  let from = 0;
  let fresh = 0;
  let tokens = 0;
  const close = (to: number): void => {
    let end = to;
    while (end > fresh && units[end - 1]!.level !== null) end -= 1;
    if (end === fresh) end = to;
    groups.push({ from, fresh, to: end });
    fresh = end;
    from = end < to ? end : overlapStart(units, groups.at(-1)!, options);
    tokens = sumTokens(units, from, to);
  };
  for (let at = 0; at < units.length; at += 1) {
    const unit = units[at]!;
    if (unit.block !== units[at - 1]?.block) blockTokens = tokensOfBlock(units, at);
    const cost = unit.tokens + (at === fresh && from === fresh ? unit.headerTokens : 0);
    if (at > fresh && mustClose(units, { from, at, tokens }, { topLevel, blockTokens, ...options })) close(at);
    else if (at > fresh && tokens + cost > options.maxTokens) close(at);
    // What was carried over may leave too little room for what comes now.
    if (tokens + cost > options.maxTokens && from < fresh) {
      from = fresh;
      tokens = sumTokens(units, from, at);
    }
    tokens += unit.tokens + (at === from ? unit.headerTokens : 0);
    await pause();
  }
  if (fresh < units.length) groups.push({ from, fresh, to: units.length });
  return groups;
}

function sumTokens(units: readonly Unit[], from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at += 1) sum += units[at]!.tokens;
  return sum;
}

/** The outermost level that occurs more than once: a lone title does not make one section of the whole document. */
function topLevelOf(units: readonly Unit[]): number {
  const counts = new Map<number, number>();
  for (const { level } of units) if (level !== null) counts.set(level, (counts.get(level) ?? 0) + 1);
  const levels = [...counts.keys()].sort((a, b) => a - b);
  return levels.find((level) => counts.get(level)! > 1) ?? levels[0] ?? 0;
}

function tokensOfBlock(units: readonly Unit[], from: number): number {
  let sum = 0;
  for (let at = from; units[at]?.block === units[from]!.block; at += 1) sum += units[at]!.tokens;
  return sum;
}

interface Fill {
  readonly from: number;
  readonly at: number;
  readonly tokens: number;
}

function mustClose(
  units: readonly Unit[],
  { at, tokens }: Fill,
  context: PackOptions & { topLevel: number; blockTokens: number },
): boolean {
  const unit = units[at]!;
  const before = units[at - 1]!;
  const { maxTokens } = context;
  if (unit.block === before.block) return false;
  const newSection = unit.headings[0] !== before.headings[0] && before.level === null && unit.level === null;
  if (newSection) return tokens >= maxTokens * TINY_SHARE;
  if (unit.level !== null) {
    if (before.level !== null) return false;
    return tokens >= maxTokens * (unit.level <= context.topLevel ? TINY_SHARE : HEADING_SHARE);
  }
  const whole = context.blockTokens + unit.headerTokens;
  const share = unit.kind === "code" || unit.kind === "table" ? LISTING_SHARE : BLOCK_SHARE;
  return tokens + whole > maxTokens && whole <= maxTokens && tokens >= maxTokens * share && before.level === null;
}

const isProse = (unit: Unit): boolean =>
  unit.kind === "paragraph" || unit.kind === "list-item" || unit.kind === "quote";

/** Index of the first unit to repeat: whole sentences of the same section, at most `overlapTokens`, never the whole group. */
function overlapStart(units: readonly Unit[], group: Group, { overlapTokens, maxTokens }: PackOptions): number {
  const next = units[group.to];
  if (next === undefined || !isProse(next)) return group.to;
  const path = next.headings.join("\n");
  let start = group.to;
  let tokens = 0;
  while (start - 1 > group.from) {
    const unit = units[start - 1]!;
    if (!isProse(unit) || unit.headings.join("\n") !== path) break;
    if (tokens + unit.tokens > overlapTokens || tokens + unit.tokens + next.tokens > maxTokens) break;
    tokens += unit.tokens;
    start -= 1;
  }
  return start;
}
