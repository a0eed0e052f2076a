/** What a run was measured with, as one line and as pairs. Only what people choose between is on the line. */
const ON_THE_LINE = ["adapter", "generator", "embedder", "prompt"];

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : value === null || value === undefined ? "" : JSON.stringify(value);

/** The numbers of a setting that is a group of them; null when it has another form. */
export function numbersOf<Key extends string>(value: unknown, keys: readonly Key[]): Record<Key, number> | null {
  if (typeof value !== "object" || value === null) return null;
  const given = new Map<string, unknown>(Object.entries(value));
  const found = keys.flatMap((key) => {
    const number = given.get(key);
    return typeof number === "number" ? [[key, number] as const] : [];
  });
  return found.length === keys.length && given.size === keys.length
    ? (Object.fromEntries(found) as Record<Key, number>)
    : null;
}

export const settingLine = (setting: Readonly<Record<string, unknown>>): string =>
  ON_THE_LINE.map((key) => textOf(setting[key]))
    .filter((text) => text !== "")
    .join(" · ");

export const settingPairs = (setting: Readonly<Record<string, unknown>>): [string, string][] =>
  Object.entries(setting).map(([key, value]) => [key, value === null ? "–" : textOf(value)]);

/** Keys whose values differ between two settings, with both values. */
export function settingChanges(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): { key: string; before: string; after: string }[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys
    .map((key) => ({ key, before: textOf(before[key]), after: textOf(after[key]) }))
    .filter((change) => change.before !== change.after);
}
