/**
 * EPUB 2 and 3: the package file names the title and the reading order (spine); each chapter is one page of the parsed text,
 * labelled from the table of contents. Books under rights management are reported as encrypted; obfuscated fonts are not.
 * Spec: EPUB 3.3, sections 4 (package) and 5 (spine, navigation).
 */
import { posix } from "node:path";
import { AppError } from "@lorekeep/core";
import { parse } from "parse5";
import { decodeText } from "../charset.ts";
import type { DraftDocument, DraftPage } from "./draft.ts";
import { attribute, isElement, textOf, walkHtml, type Element, type Node } from "./walk-html.ts";
import { listOf, nodeOf, parseXml, xmlText, type XmlNode } from "./xml.ts";
import type { ZipArchive } from "./zip.ts";

const FONT_OBFUSCATION = /idpf\.org\/2008\/embedding|ns\.adobe\.com\/pdf\/enc#RC/i;
const VOID_TAGS = /^(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)$/i;

export async function parseEpub(
  zip: ZipArchive,
  onProgress: (done: number, total: number | null) => void,
): Promise<DraftDocument> {
  await refuseRightsManagement(zip);
  const packagePath = await findPackage(zip);
  const packageXml = nodeOf(parseXml(await required(zip, packagePath)).package);
  const items = new Map<string, XmlNode>();
  for (const item of listOf(nodeOf(packageXml.manifest).item)) items.set(xmlText(item["@id"]), item);
  const resolve = (href: string): string => resolvePath(packagePath, href);
  const labels = await readLabels(zip, packageXml, items, resolve);
  const chapters = listOf(nodeOf(packageXml.spine).itemref)
    .map((reference) => items.get(xmlText(reference["@idref"])))
    .filter((item): item is XmlNode => item !== undefined && /html/i.test(xmlText(item["@media-type"])));
  const pages: DraftPage[] = [];
  let missingCount = 0;
  for (const [at, item] of chapters.entries()) {
    const path = resolve(xmlText(item["@href"]));
    const bytes = await zip.read(path);
    if (bytes === null) missingCount += 1;
    else pages.push(chapterPage(bytes, labels.get(path) ?? null));
    onProgress(at + 1, chapters.length);
  }
  const title = xmlText(nodeOf(packageXml.metadata).title).trim();
  return {
    title: title === "" ? null : title,
    pageCount: null,
    pages,
    warnings: missingCount > 0 ? [`${missingCount} of ${chapters.length} chapters are missing from the archive.`] : [],
  };
}

function chapterPage(bytes: Buffer, label: string | null): DraftPage {
  const { blocks } = walkHtml(parse(expandEmptyTags(decodeText(bytes).text)), { keepFooters: true });
  const heading = blocks.find(({ kind }) => kind === "heading");
  const name = label ?? heading?.text ?? null;
  return { page: null, label: name, blocks, ...(heading === undefined && name !== null ? { section: name } : {}) };
}

/** XHTML's `<a id="x"/>` means an empty element; HTML's parser would read it as an opening tag. */
export function expandEmptyTags(source: string): string {
  return source.replace(
    /<([a-z][\w:-]*)(?=[\s/])((?:[^<>"']|"[^"<>]*"|'[^'<>]*')*)\/>/gi,
    (whole, tag: string, rest: string) => (VOID_TAGS.test(tag) ? whole : `<${tag}${rest}></${tag}>`),
  );
}

async function required(zip: ZipArchive, path: string): Promise<Buffer> {
  const bytes = await zip.read(path);
  if (bytes === null)
    throw new AppError("document_corrupt", "The EPUB is incomplete: a file that its package needs is missing.");
  return bytes;
}

async function findPackage(zip: ZipArchive): Promise<string> {
  const container = nodeOf(parseXml(await required(zip, "META-INF/container.xml")).container);
  const path = xmlText(nodeOf(nodeOf(container.rootfiles).rootfile)["@full-path"]);
  if (path === "") throw new AppError("document_corrupt", "The EPUB names no package file.");
  return path;
}

async function refuseRightsManagement(zip: ZipArchive): Promise<void> {
  const bytes = await zip.read("META-INF/encryption.xml");
  if (bytes === null) return;
  const methods =
    bytes.toString("utf8").match(/EncryptionMethod[^>]{0,300}Algorithm\s{0,9}=\s{0,9}["'][^"']{0,300}["']/gi) ?? [];
  if (methods.some((method) => !FONT_OBFUSCATION.test(method)))
    throw new AppError("document_encrypted", "The book is protected by rights management and cannot be read.");
}

function resolvePath(base: string, href: string): string {
  const path = href.split("#")[0]!;
  let decoded = path;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    // Not percent-encoded after all: the name stands as written.
  }
  return posix.normalize(posix.join(posix.dirname(base), decoded)).replace(/^\.\//, "");
}

/** Chapter path → its first name in the EPUB 3 navigation document or, in older books, the NCX. */
async function readLabels(
  zip: ZipArchive,
  packageXml: XmlNode,
  items: ReadonlyMap<string, XmlNode>,
  resolve: (href: string) => string,
): Promise<Map<string, string>> {
  const labels = new Map<string, string>();
  const add = (path: string, label: string): void => {
    if (label !== "" && !labels.has(path)) labels.set(path, label.slice(0, 300));
  };
  const nav = [...items.values()].find((item) => xmlText(item["@properties"]).split(/\s+/).includes("nav"));
  const navPath = nav === undefined ? null : resolve(xmlText(nav["@href"]));
  const navBytes = navPath === null ? null : await zip.read(navPath);
  if (navPath !== null && navBytes !== null) {
    const links = linksOf(parse(expandEmptyTags(decodeText(navBytes).text)));
    for (const link of links) add(resolvePath(navPath, attribute(link, "href") ?? ""), textOf(link));
    return labels;
  }
  const ncx = items.get(xmlText(nodeOf(packageXml.spine)["@toc"]));
  const ncxPath = ncx === undefined ? null : resolve(xmlText(ncx["@href"]));
  const ncxBytes = ncxPath === null ? null : await zip.read(ncxPath);
  if (ncxPath === null || ncxBytes === null) return labels;
  const stack = [...listOf(nodeOf(nodeOf(parseXml(ncxBytes).ncx).navMap).navPoint)].reverse();
  while (stack.length > 0) {
    const point = stack.pop()!;
    add(resolvePath(ncxPath, xmlText(nodeOf(point.content)["@src"])), xmlText(nodeOf(point.navLabel).text).trim());
    stack.push(...[...listOf(point.navPoint)].reverse());
  }
  return labels;
}

function linksOf(root: Node): Element[] {
  const links: Element[] = [];
  const stack: Node[] = [root];
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (isElement(node) && node.tagName === "a" && attribute(node, "href") !== null) links.push(node);
    if ("childNodes" in node)
      for (let at = node.childNodes.length - 1; at >= 0; at -= 1) stack.push(node.childNodes[at]!);
  }
  return links;
}
