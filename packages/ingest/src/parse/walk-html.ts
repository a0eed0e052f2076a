/**
 * A parse5 tree → draft blocks, for HTML, EPUB chapters and what mammoth makes of DOCX.
 *
 * Blank runs collapse as in a browser, `br` breaks a line, tables become rows of cells, `pre` keeps its lines. Scripts,
 * styles, forms, navigation and everything hidden are left out; hidden text is counted, since it may be meant for models only.
 * The walk keeps its own stack: a page nested 100,000 deep is harmless.
 */
import type { DefaultTreeAdapterTypes } from "parse5";
import type { DraftBlock } from "./draft.ts";
import { tableBlock } from "./table.ts";

export type Node = DefaultTreeAdapterTypes.ChildNode | DefaultTreeAdapterTypes.ParentNode;
export type Element = DefaultTreeAdapterTypes.Element;

const DROPPED = new Set(
  "script style noscript template head nav iframe object embed svg canvas audio video map form button select input textarea dialog link meta title math-x rp rt".split(
    " ",
  ),
);
const BOILERPLATE_ROLES = new Set(["navigation", "banner", "contentinfo", "search", "menu", "menubar", "dialog"]);
const BLOCKS = new Set(
  "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer header hr html legend li main ol p section summary ul caption tbody thead tfoot tr td th table pre h1 h2 h3 h4 h5 h6".split(
    " ",
  ),
);
const HIDDEN_STYLE =
  /display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)|font-size\s*:\s*0(?:\.0+)?(?:px|pt|em|rem|%)?\s*(?:;|!|$)/i;
/** White letters are seen on a dark ground and nowhere else: kept, but reported. */
const PALE_STYLE = /(?:^|[;\s])color\s*:\s*(?:#fff(?:fff)?|white|transparent)\b/i;

export interface WalkResult {
  readonly blocks: readonly DraftBlock[];
  /** Of each block: the share of its characters that stand in links, in [0,1]. */
  readonly linkShares: readonly number[];
  /** Left out by their own style. */
  readonly hiddenCharacterCount: number;
  /** Kept, though set in white. */
  readonly paleCharacterCount: number;
}

export const isElement = (node: Node): node is Element => "tagName" in node;
export const attribute = (element: Element, name: string): string | null =>
  element.attrs.find((candidate) => candidate.name === name)?.value ?? null;

function pushReversed(stack: Node[], children: readonly Node[]): void {
  for (let at = children.length - 1; at >= 0; at -= 1) stack.push(children[at]!);
}

/** All text below a node, blanks collapsed, dropped elements left out; iterative. */
export function textOf(root: Node): string {
  const parts: string[] = [];
  const stack: Node[] = [root];
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (node.nodeName === "#text") parts.push((node as DefaultTreeAdapterTypes.TextNode).value);
    else if (isElement(node) && node !== root && (DROPPED.has(node.tagName) || isHidden(node))) continue;
    else if (isElement(node) && (node.tagName === "br" || (BLOCKS.has(node.tagName) && node !== root))) parts.push(" ");
    if ("childNodes" in node) pushReversed(stack, node.childNodes);
  }
  return parts.join("").replace(/\s+/g, " ").trim();
}

/** By its own attribute or style: not displayed, invisible, transparent, or without size. */
function isHidden(element: Element): boolean {
  if (attribute(element, "hidden") !== null) return true;
  const style = attribute(element, "style");
  return style !== null && HIDDEN_STYLE.test(style);
}

function isBoilerplate(element: Element, insideArticle: boolean): boolean {
  if (DROPPED.has(element.tagName)) return true;
  if (BOILERPLATE_ROLES.has(attribute(element, "role") ?? "")) return true;
  // Icons and anchors that stand for no text.
  if (attribute(element, "aria-hidden") === "true") return true;
  return (element.tagName === "footer" || element.tagName === "aside") && !insideArticle;
}

type Step = { readonly node: Node; readonly leaving: boolean };
interface Context {
  readonly blocks: DraftBlock[];
  readonly lists: { ordered: boolean; next: number }[];
  readonly linkShares: number[];
  text: string;
  linkDepth: number;
  linkLength: number;
  itemMarker: string | null;
  quoteDepth: number;
  articleDepth: number;
  heading: number | null;
  hiddenCharacterCount: number;
  paleCharacterCount: number;
}

/** Blocks below `root` in document order. `keepFooters`: documents that were never web pages (DOCX, EPUB) have no boilerplate. */
export function walkHtml(root: Node, options: { keepFooters?: boolean } = {}): WalkResult {
  const context: Context = {
    blocks: [],
    lists: [],
    linkShares: [],
    text: "",
    linkDepth: 0,
    linkLength: 0,
    itemMarker: null,
    quoteDepth: 0,
    articleDepth: options.keepFooters === true ? 1 : 0,
    heading: null,
    hiddenCharacterCount: 0,
    paleCharacterCount: 0,
  };
  const stack: Step[] = [{ node: root, leaving: false }];
  while (stack.length > 0) {
    const { node, leaving } = stack.pop()!;
    if (node.nodeName === "#text") {
      const text = (node as DefaultTreeAdapterTypes.TextNode).value.replace(/\s+/g, " ");
      context.text += text;
      if (context.linkDepth > 0) context.linkLength += text.trim().length;
      continue;
    }
    if (!isElement(node)) {
      if ("childNodes" in node) pushChildren(stack, node.childNodes);
      continue;
    }
    if (leaving) {
      leave(context, node);
      continue;
    }
    if (isBoilerplate(node, context.articleDepth > 0)) continue;
    if (isHidden(node)) {
      context.hiddenCharacterCount += textOf(node).length;
      continue;
    }
    if (PALE_STYLE.test(attribute(node, "style") ?? "")) context.paleCharacterCount += textOf(node).length;
    if (enter(context, node)) {
      stack.push({ node, leaving: true });
      pushChildren(stack, node.childNodes);
    }
  }
  flush(context);
  const { blocks, linkShares, hiddenCharacterCount, paleCharacterCount } = context;
  return { blocks, linkShares, hiddenCharacterCount, paleCharacterCount };
}

function pushChildren(stack: Step[], children: readonly Node[]): void {
  for (let at = children.length - 1; at >= 0; at -= 1) stack.push({ node: children[at]!, leaving: false });
}

const ANCHOR_SIGN = /\s*¶$|\s+#$/;

/** True when the children are to be walked. */
function enter(context: Context, element: Element): boolean {
  const tag = element.tagName;
  if (tag === "br") {
    context.text += "\n";
    return false;
  }
  if (tag === "img") {
    context.text += ` ${attribute(element, "alt") ?? ""} `;
    return false;
  }
  if (tag === "a") context.linkDepth += 1;
  if (!BLOCKS.has(tag)) return true;
  flush(context);
  if (tag === "pre") {
    const text = preformatted(element);
    if (text.trim() !== "") push(context, { kind: "code", text });
    return false;
  }
  if (tag === "table") return enterTable(context, element);
  if (/^h[1-6]$/.test(tag)) context.heading = Number(tag[1]);
  if (tag === "ol" || tag === "ul")
    context.lists.push({ ordered: tag === "ol", next: Number(attribute(element, "start") ?? 1) || 1 });
  if (tag === "li") context.itemMarker = nextMarker(context);
  if (tag === "blockquote") context.quoteDepth += 1;
  if (tag === "article" || tag === "main") context.articleDepth += 1;
  return true;
}

function leave(context: Context, element: Element): void {
  const tag = element.tagName;
  if (tag === "a") context.linkDepth -= 1;
  if (!BLOCKS.has(tag)) return;
  flush(context);
  if (/^h[1-6]$/.test(tag)) context.heading = null;
  if (tag === "ol" || tag === "ul") context.lists.pop();
  if (tag === "li") context.itemMarker = null;
  if (tag === "blockquote") context.quoteDepth -= 1;
  if (tag === "article" || tag === "main") context.articleDepth -= 1;
}

function nextMarker(context: Context): string {
  const list = context.lists.at(-1);
  return list === undefined || !list.ordered ? "" : `${list.next++}. `;
}

function push(context: Context, block: DraftBlock, linkShare = 0): void {
  context.blocks.push(block);
  context.linkShares.push(linkShare);
}

function flush(context: Context): void {
  const text = context.text
    .replace(/ +/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .trim();
  const linkShare = text === "" ? 0 : Math.min(1, context.linkLength / text.length);
  context.text = "";
  context.linkLength = 0;
  if (text === "") return;
  if (context.heading !== null) {
    push(context, {
      kind: "heading",
      level: context.heading,
      text: text.replaceAll("\n", " ").replace(ANCHOR_SIGN, ""),
    });
  } else if (context.lists.length > 0) {
    push(context, { kind: "list-item", text: (context.itemMarker ?? "") + text }, linkShare);
    context.itemMarker = null;
  } else push(context, { kind: context.quoteDepth > 0 ? "quote" : "paragraph", text }, linkShare);
}

function preformatted(root: Element): string {
  const parts: string[] = [];
  const stack: Node[] = [root];
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (node.nodeName === "#text") parts.push((node as DefaultTreeAdapterTypes.TextNode).value);
    else if (isElement(node) && node.tagName === "br") parts.push("\n");
    if ("childNodes" in node) pushReversed(stack, node.childNodes);
  }
  return parts.join("").replace(/^\n/, "");
}

/** Data tables become one block; a table that lays out a page (nested tables, long cells) is walked like any other element. */
function enterTable(context: Context, table: Element): boolean {
  const rows = tableRows(table);
  if (rows === null) return true;
  const block = tableBlock(rows.cells, rows.hasHeader ? true : undefined);
  if (block !== null && rows.caption !== "") push(context, { kind: "paragraph", text: rows.caption });
  if (block !== null) push(context, block);
  return false;
}

const MAX_CELL_LENGTH = 2_000;
const MAX_COLUMN_SPAN = 50;

function tableRows(table: Element): { cells: string[][]; hasHeader: boolean; caption: string } | null {
  const cells: string[][] = [];
  let hasHeader = false;
  let caption = "";
  let longest = 0;
  const stack: Node[] = [];
  pushReversed(stack, table.childNodes);
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (!isElement(node) || isHidden(node)) continue;
    if (node.tagName === "caption") caption = textOf(node);
    else if (node.tagName === "tr") {
      const row: string[] = [];
      const elements = node.childNodes.filter(
        (child): child is Element => isElement(child) && /^t[dh]$/.test(child.tagName),
      );
      for (const cell of elements) {
        if (containsBlockLayout(cell)) return null;
        const text = textOf(cell);
        longest = Math.max(longest, text.length);
        row.push(text);
        const span = Math.min(MAX_COLUMN_SPAN, Number(attribute(cell, "colspan") ?? 1) || 1);
        for (let extra = 1; extra < span; extra += 1) row.push("");
      }
      if (cells.length === 0) hasHeader = elements.length > 1 && elements.every((cell) => cell.tagName === "th");
      if (row.some((text) => text !== "")) cells.push(row);
    } else if (/^(?:thead|tbody|tfoot)$/.test(node.tagName)) pushReversed(stack, node.childNodes);
  }
  const isLayout = cells.length <= 1 || longest > MAX_CELL_LENGTH;
  return isLayout ? null : { cells, hasHeader, caption };
}

/** Headings, listings and tables inside a cell mean that the table lays out a page. */
function containsBlockLayout(cell: Element): boolean {
  const stack: Node[] = [];
  pushReversed(stack, cell.childNodes);
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (!isElement(node)) continue;
    if (/^(?:table|h[1-6]|pre|article|section)$/.test(node.tagName)) return true;
    pushReversed(stack, node.childNodes);
  }
  return false;
}
