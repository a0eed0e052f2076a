/**
 * Writes settings as YAML that versions 1.1 (PyYAML) and 1.2 read alike: block mappings, strings always in double quotes
 * (JSON's escapes are YAML's), small numbers with a decimal point, since YAML 1.1 takes 1e-7 for a string.
 */
export type YamlScalar = string | number | boolean | null;
export interface YamlMapping {
  readonly [key: string]: YamlScalar | readonly YamlScalar[] | YamlMapping;
}

/** Ends with a newline. Throws RangeError for a number that YAML cannot hold. */
export function encodeYaml(mapping: YamlMapping, comment = ""): string {
  const head = comment === "" ? "" : `${comment.replace(/^/gm, "# ")}\n`;
  return head + lines(mapping, "").join("\n") + "\n";
}

function lines(mapping: YamlMapping, indent: string): string[] {
  return Object.entries(mapping).flatMap(([key, value]) => {
    if (value === null || typeof value !== "object") return [`${indent}${key}: ${scalar(value)}`];
    if (isList(value)) return [`${indent}${key}: [${value.map(scalar).join(", ")}]`];
    return [`${indent}${key}:`, ...lines(value, `${indent}  `)];
  });
}

function isList(value: readonly YamlScalar[] | YamlMapping): value is readonly YamlScalar[] {
  return Array.isArray(value);
}

function scalar(value: YamlScalar): string {
  if (typeof value !== "number") return JSON.stringify(value);
  if (!Number.isFinite(value)) throw new RangeError(`${value} cannot be written as YAML.`);
  return String(value).replace(/^(-?\d+)e/, "$1.0e");
}
