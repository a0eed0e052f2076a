/**
 * Markdown (CommonMark with GitHub's tables, task lists and footnotes, and front matter) → blocks of plain text: no marks,
 * link targets or images' addresses, but list numbers stay. Long sources are read section by section, because the
 * grammar's tree takes some 100 times the memory of its text.
 */
import { fromMarkdown } from "mdast-util-from-markdown";
import { frontmatterFromMarkdown } from "mdast-util-frontmatter";
import { gfmFromMarkdown } from "mdast-util-gfm";
import type { Nodes, Root, Table } from "mdast";
import { frontmatter } from "micromark-extension-frontmatter";
import { gfm } from "micromark-extension-gfm";
import { parseFragment } from "parse5";
import type { DraftBlock, DraftDocument } from "./draft.ts";
import { tableBlock } from "./table.ts";
import { walkHtml } from "./walk-html.ts";

const SECTION_LENGTH = 200_000;
const MAX_DEPTH = 100;

export function parseMarkdown(source: string, onProgress?: (done: number) => void): DraftDocument {
  const blocks: DraftBlock[] = [];
  let title: string | null = null;
  let done = 0;
  for (const section of sectionsOf(source.replace(/\r\n?/g, "\n"))) {
    const root: Root = fromMarkdown(section, {
      extensions: [gfm(), frontmatter(["yaml", "toml"])],
      mdastExtensions: [gfmFromMarkdown(), frontmatterFromMarkdown(["yaml", "toml"])],
    });
    for (const node of root.children) {
      if (node.type === "yaml" && blocks.length === 0) title = frontMatterTitle(node.value.slice(0, 5_000)) ?? title;
      else pushBlocks(blocks, node, { quote: false, prefix: "", depth: 0 });
    }
    done += section.length;
    onProgress?.(done);
  }
  return { title, pageCount: null, pages: [{ page: null, label: null, blocks }], warnings: [] };
}

/** Cuts before a heading at the start of a line, outside code fences; most sources are one section. */
function sectionsOf(source: string): string[] {
  if (source.length <= SECTION_LENGTH) return [source];
  const sections: string[] = [];
  let section: string[] = [];
  let length = 0;
  let fence: string | null = null;
  let blankBefore = true;
  for (const line of source.split("\n")) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined && fence === null) fence = mark;
    else if (mark !== undefined && fence !== null && mark.startsWith(fence)) fence = null;
    const isSafe =
      fence === null && blankBefore && (/^#{1,6} /.test(line) || (length > SECTION_LENGTH * 2 && /^\S/.test(line)));
    if (length > SECTION_LENGTH && isSafe) {
      sections.push(section.join("\n"));
      section = [];
      length = 0;
    }
    section.push(line);
    length += line.length + 1;
    blankBefore = line.trim() === "";
  }
  sections.push(section.join("\n"));
  return sections;
}

const frontMatterTitle = (yaml: string): string | null => /^title:\s*["']?(.+?)["']?\s*$/m.exec(yaml)?.[1] ?? null;

interface Place {
  readonly quote: boolean;
  /** Marker of the list item whose first paragraph is next. */
  readonly prefix: string;
  readonly depth: number;
  readonly inList?: boolean;
}

function pushBlocks(blocks: DraftBlock[], node: Nodes, place: Place): void {
  if (place.depth > MAX_DEPTH) {
    blocks.push({ kind: "paragraph", text: inlineText(node) });
    return;
  }
  const deeper = { ...place, depth: place.depth + 1 };
  switch (node.type) {
    case "heading":
      blocks.push({ kind: "heading", level: node.depth, text: inlineText(node) });
      return;
    case "paragraph":
      blocks.push({
        kind: place.inList === true ? "list-item" : place.quote ? "quote" : "paragraph",
        text: place.prefix + inlineText(node),
      });
      return;
    case "code":
      blocks.push({ kind: "code", text: node.value });
      return;
    case "html":
      blocks.push(...walkHtml(parseFragment(node.value)).blocks);
      return;
    case "table": {
      const table = tableBlock(rowsOf(node), true);
      if (table !== null) blocks.push(table);
      return;
    }
    case "blockquote":
      for (const child of node.children) pushBlocks(blocks, child, { ...deeper, quote: true });
      return;
    case "list": {
      let number = node.start ?? 1;
      for (const item of node.children) {
        const task = item.checked == null ? "" : item.checked ? "[x] " : "[ ] ";
        const prefix = (node.ordered === true ? `${number++}. ` : "") + task;
        item.children.forEach((child, at) =>
          pushBlocks(blocks, child, { ...deeper, inList: true, prefix: at === 0 ? prefix : "" }),
        );
      }
      return;
    }
    case "footnoteDefinition":
      for (const child of node.children) pushBlocks(blocks, child, deeper);
      return;
    default:
  }
}

const rowsOf = (table: Table): string[][] => table.children.map((row) => row.children.map((cell) => inlineText(cell)));

/** Soft line breaks follow the line-joining rules in `assemble` through a blank; hard ones stay. */
function inlineText(root: Nodes): string {
  const parts: string[] = [];
  const stack: Nodes[] = [root];
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (node.type === "text") parts.push(joinSoftBreaks(node.value));
    else if (node.type === "inlineCode") parts.push(node.value);
    else if (node.type === "break") parts.push("\n");
    else if (node.type === "image" || node.type === "imageReference") parts.push(node.alt ?? "");
    else if (node.type === "html" && /^<br\b/i.test(node.value)) parts.push("\n");
    else if ("children" in node)
      for (let at = node.children.length - 1; at >= 0; at -= 1) stack.push(node.children[at]!);
  }
  return parts.join("");
}

const HAN = "[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\u3001-\u303F\uFF01-\uFF20]";
const HAN_BREAK = new RegExp(`(?<=${HAN})\\n(?=${HAN})`, "gu");
const joinSoftBreaks = (text: string): string => text.replace(HAN_BREAK, "").replaceAll("\n", " ");
