/** The details of a trace step as short lines: names made readable, numbers rounded, lists counted. */
export const stepNames = [
  "condense",
  "retrieve",
  "weigh",
  "choose-writer",
  "pack",
  "read",
  "hop",
  "align",
  "judge",
  "generate",
  "cite",
  "extract",
  "find-document",
  "summarise",
  "compare",
] as const;

const MAX_LENGTH = 160;

/** [name, value] pairs; nested objects are flattened one level, empty values left out. */
export function detailLines(detail: Readonly<Record<string, unknown>>, language: string): [string, string][] {
  const lines: [string, string][] = [];
  for (const [name, value] of Object.entries(detail)) {
    if (name === "cutSentences" || value === null || value === undefined) continue;
    if (isRecord(value))
      for (const [inner, innerValue] of Object.entries(value)) {
        if (innerValue !== null && innerValue !== undefined)
          lines.push([`${readable(name)} · ${readable(inner)}`, shown(innerValue, language)]);
      }
    else lines.push([readable(name), shown(value, language)]);
  }
  return lines;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** firstTokenMs → first token (ms). */
export function readable(name: string): string {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/[_-]+/g, " ")
    .toLowerCase();
  return words.replace(/ ms$/, " (ms)").replace(/ bytes$/, " (bytes)");
}

function shown(value: unknown, language: string): string {
  if (typeof value === "number") return value.toLocaleString(language, { maximumFractionDigits: 3 });
  if (typeof value === "string") return cut(value);
  if (Array.isArray(value) && value.every((item) => typeof item !== "object"))
    return cut(value.map((item) => String(item)).join(", "));
  if (Array.isArray(value)) return String(value.length);
  return cut(JSON.stringify(value));
}

const cut = (text: string) => (text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text);
