/**
 * What documents could be narrowed down by: counts by tag, folder, language, format, date and metadata key, over the documents
 * that can answer in these generations. Runs beside keyword search (keyword-door.ts): over many documents it takes a while.
 *
 * A facet whose values stand beside each other ("or") is counted without its own condition, else one chosen value would hide
 * the others; tags stand together ("and"), so they are counted under the whole filter.
 */
import type { Database } from "better-sqlite3";
import type { Facets, Language, SearchFilter } from "@lorekeep/core";
import { countDays } from "./count-days.ts";
import type { CountedTime } from "./count-days.ts";
import { filterToSql, PATH } from "./filter-sql.ts";

const MOST_VALUES = 50;
const MOST_KEYS = 20;
const MOST_METADATA_VALUES = 20;
const MOST_FOLDER_LEVELS = 2;

/** Documents with a live version in one of these generations. */
const READY = `FROM documents d JOIN collections c ON c.no = d.collection_no AND c.deleted_at IS NULL
  WHERE d.deleted_at IS NULL AND EXISTS (SELECT 1 FROM document_versions v JOIN generations g ON g.no = v.generation_no
    WHERE v.document_no = d.no AND v.status = 'live' AND g.id IN (SELECT value FROM json_each(?)))`;
/** Keys that have a facet of their own. */
const OWN_KEYS = "('tags', 'path')";

type Counted<Value> = { value: Value; count: number }[];
/** Runs a SELECT over the admitted documents; `from` may join further tables to `d`. */
type Ask = <Row>(
  select: string,
  options: { filter: SearchFilter; join?: string; where?: string; tail?: string },
) => Row[];

/** `timeZone`: an IANA name, whose days documents are counted by. */
export function countFacets(
  sqlite: Database,
  generationIds: readonly string[],
  filter: SearchFilter,
  timeZone = "UTC",
): Facets {
  const ask: Ask = <Row>(select: string, { filter: under, join = "", where = "1", tail = "" }: Parameters<Ask>[1]) => {
    const condition = filterToSql(under);
    const from = READY.replace(" WHERE", ` ${join} WHERE`);
    return sqlite
      .prepare(`SELECT ${select} ${from} AND (${condition.sql}) AND (${where}) ${tail}`)
      .all(JSON.stringify(generationIds), ...condition.values) as Row[]; // the columns that `select` names
  };
  const count = (under: SearchFilter): number => ask<{ n: number }>("count(*) AS n", { filter: under })[0]?.n ?? 0;
  const { languages: _l, ...noLanguage } = filter;
  const { mediaTypes: _m, ...noMediaType } = filter;
  const { folders: _f, ...noFolder } = filter;
  const { createdAfter: _a, createdBefore: _b, ...noDate } = filter;
  // One state of rows for all counts.
  return sqlite.transaction(() => ({
    admitted: count(filter),
    documents: count({}),
    tags: ask<Counted<string>[number]>("t.value AS value, count(DISTINCT d.no) AS count", {
      filter,
      join: `JOIN json_each(d.metadata) m ON m.key = 'tags' JOIN json_each(iif(m.type = 'array', m.value, json_array(m.value))) t`,
      where: "t.type = 'text'",
      tail: `GROUP BY t.value ORDER BY count DESC, value LIMIT ${MOST_VALUES}`,
    }),
    folders: countFolders(ask, noFolder),
    languages: countColumn<Language>(ask, "d.language", noLanguage),
    mediaTypes: countColumn<string>(ask, "d.media_type", noMediaType),
    created: countDates(ask, noDate, timeZone),
    metadata: countMetadata(ask, filter),
  }))();
}

function countColumn<Value>(ask: Ask, column: string, filter: SearchFilter): Counted<Value> {
  return ask<Counted<Value>[number]>(`${column} AS value, count(*) AS count`, {
    filter,
    where: `${column} IS NOT NULL`,
    tail: `GROUP BY ${column} ORDER BY count DESC, value LIMIT ${MOST_VALUES}`,
  });
}

/** "a/b/c.md" counts for "a" and for "a/b". */
function countFolders(ask: Ask, filter: SearchFilter): Counted<string> {
  const counts = new Map<string, number>();
  const rows = ask<{ path: string; count: number }>(
    `rtrim(${PATH}, replace(${PATH}, '/', '')) AS path, count(*) AS count`,
    {
      filter,
      where: `instr(${PATH}, '/') > 0`,
      tail: "GROUP BY 1",
    },
  );
  for (const { path, count } of rows) {
    const parts = path.split("/").slice(0, -1);
    for (let level = 1; level <= Math.min(parts.length, MOST_FOLDER_LEVELS); level++) {
      const folder = parts.slice(0, level).join("/");
      if (folder !== "") counts.set(folder, (counts.get(folder) ?? 0) + count);
    }
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((left, right) => right.count - left.count || left.value.localeCompare(right.value))
    .slice(0, MOST_VALUES);
}

function countDates(ask: Ask, filter: SearchFilter, timeZone: string): Facets["created"] {
  const times = ask<CountedTime>(`${SLOT} AS time, count(*) AS count`, { filter, tail: "GROUP BY 1 ORDER BY 1" });
  return countDays(times, timeZone);
}
/** Quarters of an hour in milliseconds: no zone's midnight lies within one. */
const SLOT = "(CAST(strftime('%s', d.created_at) AS INTEGER) / 900) * 900000";

interface KeyRow {
  readonly key: string;
  readonly count: number;
  readonly low: number | null;
  readonly high: number | null;
}

function countMetadata(ask: Ask, filter: SearchFilter): Facets["metadata"] {
  // A key's own condition is left out of its own counts; keys without one share a statement.
  const keys = ask<KeyRow>(
    `m.key AS key, count(DISTINCT d.no) AS count,
     min(iif(m.type IN ('integer', 'real'), m.value, NULL)) AS low, max(iif(m.type IN ('integer', 'real'), m.value, NULL)) AS high`,
    {
      filter: withoutMetadata(filter),
      join: "JOIN json_each(d.metadata) m",
      where: `m.key NOT IN ${OWN_KEYS}`,
      tail: `GROUP BY m.key ORDER BY count DESC, key LIMIT ${MOST_KEYS}`,
    },
  );
  const wanted = Object.keys(filter.metadata ?? {});
  const shared = valuesOf(ask, filter, null);
  return keys.map(({ key, count, low, high }) => {
    const values = (wanted.includes(key) ? valuesOf(ask, withoutKey(filter, key), key) : shared).filter(
      (row) => row.key === key,
    );
    return {
      key,
      count,
      values: values.slice(0, MOST_METADATA_VALUES).map(({ value, count, type }) => ({
        value: type === "true" || type === "false" ? type === "true" : value,
        count,
      })),
      more: values.length > MOST_METADATA_VALUES,
      range: low === null || high === null ? null : { low, high },
    };
  });
}

interface ValueRow {
  readonly key: string;
  readonly value: string | number;
  readonly type: string;
  readonly count: number;
}

/** Of every key, or of one; the most frequent first, one more than is shown. Long texts are no values to choose from. */
function valuesOf(ask: Ask, filter: SearchFilter, only: string | null): ValueRow[] {
  const rows = ask<ValueRow & { place: number }>(
    `m.key AS key, i.value AS value, i.type AS type, count(DISTINCT d.no) AS count,
     row_number() OVER (PARTITION BY m.key ORDER BY count(DISTINCT d.no) DESC, i.value) AS place`,
    {
      filter,
      join: "JOIN json_each(d.metadata) m JOIN json_each(iif(m.type = 'array', m.value, json_array(iif(m.type IN ('true', 'false'), json(m.type), m.value)))) i",
      where: `m.key NOT IN ${OWN_KEYS} AND i.type IN ('text', 'integer', 'real', 'true', 'false') AND length(i.value) <= 200`,
      tail: "GROUP BY m.key, i.value, i.type",
    },
  );
  return rows
    .filter(({ key, place }) => place <= MOST_METADATA_VALUES + 1 && (only === null || key === only))
    .sort((left, right) => left.place - right.place);
}

function withoutMetadata({ metadata: _m, ...rest }: SearchFilter): SearchFilter {
  return rest;
}

function withoutKey(filter: SearchFilter, key: string): SearchFilter {
  const metadata = Object.fromEntries(Object.entries(filter.metadata ?? {}).filter(([each]) => each !== key));
  return { ...filter, metadata };
}
