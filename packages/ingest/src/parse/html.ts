/**
 * Web pages: the main part where the page names one (`main`, a lone `article`), else the article that Readability
 * (Apache-2.0, the reader view of Firefox) finds when it is clearly most of the text, else the whole body.
 */
import { parse, type DefaultTreeAdapterTypes } from "parse5";
import type { DraftDocument } from "./draft.ts";
import { attribute, isElement, textOf, walkHtml, type Element, type Node, type WalkResult } from "./walk-html.ts";

/** Readability needs a second DOM; beyond this size it is not worth its memory. */
const MAX_READABILITY_LENGTH = 2_000_000;
const MIN_ARTICLE_LENGTH = 1_000;
/** A found part replaces the whole body only when it holds at least this share of its text. */
const MIN_ARTICLE_SHARE = 0.6;

export async function parseHtml(source: string): Promise<DraftDocument> {
  const document = parse(source);
  const { title, body, mains, articles } = landmarks(document);
  const whole = walkHtml(body ?? document);
  const main = mains.length === 1 ? mains[0] : articles.length === 1 ? articles[0] : undefined;
  let chosen = whole;
  if (main !== undefined) {
    const part = walkHtml(main, { keepFooters: true });
    if (lengthOf(part) >= lengthOf(whole) * 0.3) chosen = part;
  } else if (source.length <= MAX_READABILITY_LENGTH && lengthOf(whole) >= MIN_ARTICLE_LENGTH) {
    chosen = (await readableArticle(source, whole)) ?? whole;
  }
  const hidden = whole.hiddenCharacterCount;
  return {
    title,
    pageCount: null,
    pages: [{ page: null, label: null, blocks: chosen.blocks }],
    warnings: hidden > 0 ? [`${hidden} characters of hidden text were left out.`] : [],
  };
}

const lengthOf = (walk: WalkResult): number => walk.blocks.reduce((sum, block) => sum + block.text.length, 0);

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

async function readableArticle(source: string, whole: WalkResult): Promise<WalkResult | null> {
  const [{ parseHTML }, { Readability, isProbablyReaderable }] = await Promise.all([
    import("linkedom"),
    import("@mozilla/readability"),
  ]);
  // linkedom speaks the DOM, whose types this package does not load.
  const { document } = parseHTML(source) as unknown as { document: never };
  if (!isProbablyReaderable(document)) return null;
  const article = new Readability(document, { keepClasses: false }).parse();
  if (article?.content == null) return null;
  const part = walkHtml(parse(article.content), { keepFooters: true });
  const keepsHeadings =
    part.blocks.filter(({ kind }) => kind === "heading").length >=
    whole.blocks.filter(({ kind }) => kind === "heading").length * MIN_ARTICLE_SHARE;
  return keepsHeadings && lengthOf(part) >= lengthOf(whole) * MIN_ARTICLE_SHARE ? part : null;
}
