/**
 * Small XML files of archives (metadata, package lists) → plain objects. Document types are cut off before parsing and
 * entities other than XML's own five are never expanded, so neither entity bombs nor external entities can do anything.
 */
import { XMLParser } from "fast-xml-parser";

export type XmlValue = string | XmlNode | readonly XmlValue[] | undefined;
export interface XmlNode {
  readonly [name: string]: XmlValue;
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  textNodeName: "#text",
  removeNSPrefix: true,
  processEntities: false,
  parseTagValue: false,
  parseAttributeValue: false,
});
const DOCTYPE = /<!DOCTYPE[^[>]*(?:\[[\s\S]*?\]\s*)?>/i;

/** Element names without prefix are keys, attributes begin with "@". */
export function parseXml(bytes: Buffer): XmlNode {
  // The library's result is untyped; these are the only shapes that it makes with the settings above.
  return parser.parse(
    bytes
      .toString("utf8")
      .replace(/^\uFEFF/, "")
      .replace(DOCTYPE, ""),
  ) as XmlNode;
}

export const listOf = (value: XmlValue): readonly XmlNode[] =>
  (Array.isArray(value) ? value : [value]).filter(
    (item): item is XmlNode => typeof item === "object" && item !== null && !Array.isArray(item),
  );

export const nodeOf = (value: XmlValue): XmlNode => listOf(value)[0] ?? {};

/** Text of an element or attribute, entities decoded; "" when there is none. */
export function xmlText(value: XmlValue): string {
  const first: XmlValue = Array.isArray(value) ? (value as readonly XmlValue[])[0] : value;
  const raw = typeof first === "string" ? first : xmlRaw(first);
  return raw.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }[name.toLowerCase()] ?? whole;
      const code = decimal !== undefined ? Number(decimal) : Number.parseInt(hex ?? "", 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "";
    },
  );
}

function xmlRaw(value: XmlValue): string {
  if (typeof value !== "object" || Array.isArray(value)) return "";
  const text = (value as XmlNode)["#text"];
  return typeof text === "string" ? text : "";
}
