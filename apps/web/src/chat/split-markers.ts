/**
 * Finds the citation numbers [n] in an answer and keeps them safe from markdown.
 *
 * In markdown "[1](x)" is a link and "[1]: x" a definition that vanishes, so the numbers are exchanged for private-use
 * characters before parsing and turned into chips after it. Inside code they become "[n]" again. Each keeps its place in the answer:
 * two sentences that cite one passage rest on two quotes of it (F3).
 */
const OPEN = "\uE000";
const CLOSE = "\uE001";
const PROTECTED = /\uE000(\d{1,3})\.(\d+)\uE001/g;

export type MarkerPart =
  | { readonly kind: "text"; readonly text: string }
  /** `at`: where the marker stands in the answer. */
  | { readonly kind: "marker"; readonly marker: number; readonly at: number };

/** Exchanges each [n] whose number is known; every other bracket stays what it is. */
export function protectMarkers(text: string, known: ReadonlySet<number>): string {
  return text
    .replaceAll(OPEN, "")
    .replaceAll(CLOSE, "")
    .replace(/\[(\d{1,3})\]/g, (whole, digits: string, at: number) =>
      known.has(Number(digits)) ? `${OPEN}${Number(digits)}.${at}${CLOSE}` : whole,
    );
}

/** The citation of the sentence that the marker at this place ends; any of its number where none covers the place. */
export function citationAt<Cited extends { readonly marker: number; readonly answerSpan: readonly [number, number] }>(
  citations: readonly Cited[],
  marker: number,
  at: number,
): Cited | undefined {
  const own = citations.filter((citation) => citation.marker === marker);
  return own.find(({ answerSpan: [from, to] }) => from <= at && at < to) ?? own[0];
}

/** Back to the plain [n]. */
export const restoreMarkers = (text: string): string => text.replace(PROTECTED, "[$1]");

/** Text and markers in order; empty texts are left out. */
export function splitMarkers(text: string): MarkerPart[] {
  const parts: MarkerPart[] = [];
  let end = 0;
  for (const match of text.matchAll(PROTECTED)) {
    if (match.index > end) parts.push({ kind: "text", text: text.slice(end, match.index) });
    parts.push({ kind: "marker", marker: Number(match[1]), at: Number(match[2]) });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ kind: "text", text: text.slice(end) });
  return parts;
}

/** The part of a hast tree that we touch. */
export interface TreeNode {
  type: string;
  tagName?: string;
  value?: string;
  properties?: Record<string, unknown>;
  children?: TreeNode[];
}

export const MARKER_TAG = "cite-marker";

/** A rehype plugin: texts with protected markers become texts and <cite-marker data-marker=n data-at=place>. */
export function rehypeMarkers() {
  return (tree: TreeNode): void => rewrite(tree, false);
}

function rewrite(node: TreeNode, insideCode: boolean): void {
  if (node.children === undefined) return;
  const next: TreeNode[] = [];
  for (const child of node.children) {
    if (child.type !== "text" || child.value === undefined) {
      restoreAttributes(child);
      rewrite(child, insideCode || child.tagName === "code" || child.tagName === "pre");
      next.push(child);
    } else if (insideCode) next.push({ ...child, value: restoreMarkers(child.value) });
    else
      for (const part of splitMarkers(child.value))
        next.push(
          part.kind === "text"
            ? { type: "text", value: part.text }
            : {
                type: "element",
                tagName: MARKER_TAG,
                properties: { dataMarker: String(part.marker), dataAt: String(part.at) },
                children: [],
              },
        );
  }
  node.children = next;
}

/** A marker caught inside an address or an alternative text is only text there. */
function restoreAttributes(node: TreeNode): void {
  for (const [name, value] of Object.entries(node.properties ?? {}))
    if (typeof value === "string") node.properties![name] = restoreMarkers(decodeMarkers(value));
}

const decodeMarkers = (value: string): string =>
  value.replaceAll(encodeURIComponent(OPEN), OPEN).replaceAll(encodeURIComponent(CLOSE), CLOSE);
