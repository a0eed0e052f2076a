/**
 * A search filter as a condition over documents (alias `d`). Every value and every metadata key is a bound parameter:
 * nothing that a user wrote becomes SQL.
 */
import type { MetadataCondition, SearchFilter } from "@lorekeep/core";

export interface SqlCondition {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

export function filterToSql(filter: SearchFilter): SqlCondition {
  const conditions: SqlCondition[] = [];
  const oneOf = (column: string, values: readonly string[] | undefined) => {
    if (values)
      conditions.push({ sql: `${column} IN (SELECT value FROM json_each(?))`, values: [JSON.stringify(values)] });
  };
  oneOf("d.id", filter.documentIds);
  if (filter.notDocumentIds)
    conditions.push({
      sql: "d.id NOT IN (SELECT value FROM json_each(?))",
      values: [JSON.stringify(filter.notDocumentIds)],
    });
  oneOf("d.external_id", filter.externalIds);
  oneOf("d.media_type", filter.mediaTypes);
  oneOf("d.language", filter.languages);
  for (const tag of filter.tags ?? [])
    conditions.push({ sql: `EXISTS (SELECT 1 FROM ${HELD} WHERE value = ?)`, values: ["tags", "tags", tag] });
  if (filter.folders)
    conditions.push({
      // Below the folder: from "a/" up to, and without, "a0", the character after the slash.
      sql: `EXISTS (SELECT 1 FROM json_each(?) w WHERE ${PATH} >= w.value || '/' AND ${PATH} < w.value || '0')`,
      values: [JSON.stringify(filter.folders)],
    });
  if (filter.createdAfter !== undefined)
    conditions.push({ sql: "d.created_at > ?", values: [new Date(filter.createdAfter).toISOString()] });
  if (filter.createdBefore !== undefined)
    conditions.push({ sql: "d.created_at < ?", values: [new Date(filter.createdBefore).toISOString()] });
  for (const [key, condition] of Object.entries(filter.metadata ?? {}))
    conditions.push(...metadataToSql(key, condition));
  return {
    sql: conditions.map(({ sql }) => `(${sql})`).join(" AND ") || "1",
    values: conditions.flatMap(({ values }) => values),
  };
}

/** Where a document lies: the path that a watched folder gave it, or a folder that was uploaded; "" without one. */
export const PATH = `coalesce((SELECT p.value FROM json_each(d.metadata) p WHERE p.key = 'path' AND p.type = 'text'),
  iif(d.external_id NOT LIKE '%://%', d.external_id, NULL), '')`;

/**
 * The value of a metadata key as rows of (value, type): the items of a list, or the one scalar. Binds the key twice.
 * By key and not by JSON path, so a key may hold quotes, dots and brackets.
 */
const HELD = `(SELECT i.value, i.type FROM json_each(d.metadata) m, json_each(m.value) i WHERE m.key = ? AND m.type = 'array'
  UNION ALL SELECT m.value, m.type FROM json_each(d.metadata) m WHERE m.key = ? AND m.type <> 'array')`;

type Scalar = string | number | boolean;

function metadataToSql(key: string, condition: MetadataCondition): SqlCondition[] {
  if (typeof condition !== "object") return [equalsAny(key, [condition])];
  const conditions: SqlCondition[] = [];
  if (condition.in) conditions.push(equalsAny(key, condition.in));
  if (condition.gte !== undefined) conditions.push(compares(key, ">=", condition.gte));
  if (condition.lte !== undefined) conditions.push(compares(key, "<=", condition.lte));
  if (condition.exists !== undefined)
    conditions.push({
      sql: `${condition.exists ? "" : "NOT "}EXISTS (SELECT 1 FROM json_each(d.metadata) WHERE key = ?)`,
      values: [key],
    });
  return conditions;
}

/** A list in the metadata matches when one of its items does. Types must agree: the string "1" is not the number 1. */
function equalsAny(key: string, wanted: readonly Scalar[]): SqlCondition {
  return {
    sql: `EXISTS (SELECT 1 FROM ${HELD} h JOIN json_each(?) w ON h.value = w.value AND ${family("h")} = ${family("w")})`,
    values: [key, key, JSON.stringify(wanted)],
  };
}

function compares(key: string, operator: ">=" | "<=", bound: string | number): SqlCondition {
  const types = typeof bound === "number" ? "'integer', 'real'" : "'text'";
  return {
    sql: `EXISTS (SELECT 1 FROM ${HELD} h WHERE h.type IN (${types}) AND h.value ${operator} ?)`,
    values: [key, key, bound],
  };
}

/** Integers and reals compare as numbers; true is not 1. */
function family(alias: string): string {
  return `iif(${alias}.type IN ('integer', 'real'), 'number', ${alias}.type)`;
}
