/**
 * Web pages: the main part where the page names one (`main`, a lone `article`), else the whole body; menus and tables of
 * contents, which are runs of short lines made of links, are left out.
 *
 * Link density is the feature that tells menus from text best (Kohlschütter et al. 2010, "Boilerplate Detection using Shallow
 * Text Features"). Readability was tried instead: it took five times as long and lost most headings of documentation pages.
 */
import { parse, type DefaultTreeAdapterTypes } from "parse5";
import type { DraftBlock, DraftDocument } from "./draft.ts";
import { attribute, isElement, textOf, walkHtml, type Element, type Node, type WalkResult } from "./walk-html.ts";

/** A named part replaces the whole body only when it holds at least this share of its text. */
const MIN_MAIN_SHARE = 0.3;
const MIN_MENU_BLOCKS = 5;
const MIN_MENU_LINK_SHARE = 0.85;
const MAX_MENU_LINE_LENGTH = 90;
/** A page that is mostly links is an index: then the links are its text. */
const MIN_KEPT_SHARE = 0.5;

export function parseHtml(source: string): DraftDocument {
  const document = parse(source);
  const { title, body, mains, articles } = landmarks(document);
  const whole = walkHtml(body ?? document);
  const main = mains.length === 1 ? mains[0] : articles.length === 1 ? articles[0] : undefined;
  const part = main === undefined ? whole : walkHtml(main, { keepFooters: true });
  const chosen = lengthOf(part.blocks) >= lengthOf(whole.blocks) * MIN_MAIN_SHARE ? part : whole;
  return {
    title,
    pageCount: null,
    pages: [{ page: null, label: null, blocks: withoutMenus(chosen) }],
    warnings: warningsOf(whole),
  };
}

function warningsOf({ hiddenCharacterCount: hidden, paleCharacterCount: pale }: WalkResult): string[] {
  const warnings: string[] = [];
  if (hidden > 0) warnings.push(`${hidden} characters of hidden text were left out.`);
  if (pale > 0) warnings.push(`${pale} characters are set in white and may be invisible to readers.`);
  return warnings;
}

const lengthOf = (blocks: readonly DraftBlock[]): number => blocks.reduce((sum, block) => sum + block.text.length, 0);

function withoutMenus({ blocks, linkShares }: WalkResult): readonly DraftBlock[] {
  const kept: DraftBlock[] = [];
  let run: DraftBlock[] = [];
  const flush = (): void => {
    if (run.length < MIN_MENU_BLOCKS) kept.push(...run);
    run = [];
  };
  for (const [at, block] of blocks.entries()) {
    const isLinkLine =
      (block.kind === "list-item" || block.kind === "paragraph") &&
      linkShares[at]! >= MIN_MENU_LINK_SHARE &&
      block.text.length <= MAX_MENU_LINE_LENGTH;
    if (isLinkLine) run.push(block);
    else {
      flush();
      kept.push(block);
    }
  }
  flush();
  return lengthOf(kept) >= lengthOf(blocks) * MIN_KEPT_SHARE ? kept : blocks;
}

interface Landmarks {
  title: string | null;
  body: Element | null;
  readonly mains: Element[];
  readonly articles: Element[];
}

function landmarks(document: DefaultTreeAdapterTypes.Document): Landmarks {
  const found: Landmarks = { title: null, body: null, mains: [], articles: [] };
  const stack: Node[] = [document];
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (isElement(node)) {
      if (node.tagName === "title" && found.title === null) found.title = textOf(node) || null;
      if (node.tagName === "body") found.body = node;
      if (node.tagName === "main" || attribute(node, "role") === "main") found.mains.push(node);
      if (node.tagName === "article") {
        found.articles.push(node);
        continue;
      }
    }
    if ("childNodes" in node) for (const child of node.childNodes) stack.push(child);
  }
  return found;
}
