/**
 * Documents by the day, month or year on which they were added, as the reader's clock has it: a document of 23:30 in UTC is of the
 * next day in Shanghai, and the day that was picked, the chip that names it and the counted bucket must mean the same hours.
 * Midnights are found through Intl, so days of 23 and 25 hours come out right.
 */
import type { Facets } from "@lorekeep/core";

const MOST_BUCKETS = 24;
const DAY_MS = 86_400_000;

/** `time`: milliseconds since 1970. */
export interface CountedTime {
  readonly time: number;
  readonly count: number;
}

/** By the finest of day, month and year that gives few buckets; oldest first, empty ones left out. `times`: ascending. */
export function countDays(times: readonly CountedTime[], timeZone: string): Facets["created"] {
  const days = labelDays(times, timeZone);
  for (const length of [10, 7, 4]) {
    const buckets = new Map<string, number>();
    for (const { label, count } of days)
      buckets.set(label.slice(0, length), (buckets.get(label.slice(0, length)) ?? 0) + count);
    if (buckets.size <= MOST_BUCKETS || length === 4)
      return [...buckets]
        .map(([label, count]) => ({ label, ...boundsOf(label, timeZone), count }))
        .slice(-MOST_BUCKETS);
  }
  return [];
}

/** A day's label is worked out once, for all times until its midnight. */
function labelDays(times: readonly CountedTime[], timeZone: string): { label: string; count: number }[] {
  const days: { label: string; count: number }[] = [];
  let endsAt = -Infinity;
  for (const { time, count } of times) {
    if (time < endsAt) days.at(-1)!.count += count;
    else {
      const label = new Date(wallClock(time, timeZone)).toISOString().slice(0, 10);
      endsAt = Date.parse(boundsOf(label, timeZone).before);
      days.push({ label, count });
    }
  }
  return days;
}

/** "2026", "2026-03" or "2026-03-29" → values of the filter; its conditions are exclusive, and times have milliseconds. */
function boundsOf(label: string, timeZone: string): { after: string; before: string } {
  const [year = 1970, month, day] = label.split("-").map(Number);
  const start = Date.UTC(year, (month ?? 1) - 1, day ?? 1);
  const end =
    day !== undefined
      ? Date.UTC(year, (month ?? 1) - 1, day + 1)
      : month !== undefined
        ? Date.UTC(year, month, 1)
        : Date.UTC(year + 1, 0, 1);
  return {
    after: new Date(instantOf(start, timeZone) - 1).toISOString(),
    before: new Date(instantOf(end, timeZone)).toISOString(),
  };
}

/** The first instant at which clocks in the zone show `wall` or, where they jump over it, later: both as milliseconds. */
function instantOf(wall: number, timeZone: string): number {
  const guesses = [wall - DAY_MS / 2, wall + DAY_MS / 2].map((near) => wall - (wallClock(near, timeZone) - near));
  const exact = guesses.filter((guess) => wallClock(guess, timeZone) === wall);
  return exact.length > 0 ? Math.min(...exact) : Math.max(...guesses);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What clocks in the zone show at an instant, as if it were UTC. */
function wallClock(time: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const numeric = "numeric";
    const parts = {
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    } as const;
    format = new Intl.DateTimeFormat("en-US", { ...parts, hourCycle: "h23", timeZone });
    formats.set(timeZone, format);
  }
  const found = new Map(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => found.get(type) ?? 0;
  const wall = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  return wall + (((time % 1000) + 1000) % 1000);
}
