/**
 * Where in a text each unit of its normalised form comes from. A normaliser (NFKC and replacements) drops, joins and expands
 * characters, but never across the border of a cluster: a character with the marks that compose with it. So clusters are normalised
 * one by one and their results joined; where that is not what the whole gives (unusual text), whole words stand in for clusters.
 * Unicode Standard Annex 15, section 9.1 (normalisation boundaries).
 */
export interface NormalizedText {
  readonly normalized: string;
  /** For each UTF-16 unit of `normalized`: the half-open span of the text that it comes from. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** A character and what may compose with it: marks, conjoining jamo after their first, half-width voicing marks. */
const CLUSTERS = /\s+|[^\s][\p{M}\u1160-\u11ff\ud7b0-\ud7fb\uff9e\uff9f]*/gsu;
const WORDS = /\s+|\S+/gu;
/** Runs that no normaliser of ours changes: spares one call a character. */
const PLAIN = /^[!-~\u4e00-\u9fff]$/;

interface Piece {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

function piecesOf(text: string, pattern: RegExp, normalize: (text: string) => string): Piece[] {
  const pieces: Piece[] = [];
  let endsWithSpace = false;
  for (const match of text.matchAll(pattern)) {
    let made = PLAIN.test(match[0]) ? match[0] : normalize(match[0]);
    if (endsWithSpace && made.startsWith(" ")) made = made.slice(1); // runs of spaces become one
    if (made === "") continue;
    endsWithSpace = made.endsWith(" ");
    pieces.push({ text: made, start: match.index, end: match.index + match[0].length });
  }
  return pieces;
}

/** `normalize` must keep single spaces and make one of a run of white space. */
export function mapNormalized(text: string, normalize: (text: string) => string): NormalizedText {
  const normalized = normalize(text);
  const join = (pieces: readonly Piece[]): string => pieces.map((piece) => piece.text).join("");
  let pieces = piecesOf(text, CLUSTERS, normalize);
  if (join(pieces) !== normalized) pieces = piecesOf(text, WORDS, normalize);
  if (join(pieces) !== normalized) pieces = [{ text: normalized, start: 0, end: text.length }];
  const starts = new Uint32Array(normalized.length);
  const ends = new Uint32Array(normalized.length);
  let at = 0;
  for (const piece of pieces) {
    const next = at + piece.text.length;
    // A piece as long as its source is taken unit by unit, so that marks keep their own places.
    const isEven = piece.text.length === piece.end - piece.start;
    for (let i = at; i < next; i += 1) {
      starts[i] = isEven ? piece.start + (i - at) : piece.start;
      ends[i] = isEven ? piece.start + (i - at) + 1 : piece.end;
    }
    at = next;
  }
  return { normalized, starts, ends };
}
