/**
 * Which of an answer's passages a citation quotes. Neighbouring chunks are shown as one passage that bears the id of the best of
 * them, while a citation names the chunk that its quote stands in: so the place of the quote decides, and the id where that says
 * nothing.
 */
interface Place {
  readonly documentId: string;
  readonly chunkId: string;
  readonly span: readonly [start: number, end: number];
}

/** undefined: none of them. */
export function citedPassage<Shown extends Place>(citation: Place, passages: readonly Shown[]): Shown | undefined {
  const holding = passages.filter((passage) => holdsSpan(passage, citation));
  const isNamed = ({ chunkId }: Shown): boolean => chunkId === citation.chunkId;
  return holding.find(isNamed) ?? holding[0] ?? passages.find(isNamed);
}

/** Of one document, and `inner` wholly within `outer`. */
export function holdsSpan(outer: Omit<Place, "chunkId">, inner: Omit<Place, "chunkId">): boolean {
  return outer.documentId === inner.documentId && outer.span[0] <= inner.span[0] && inner.span[1] <= outer.span[1];
}

/**
 * The numbers that an answer's passages are cited by, in their order. When a document is deleted its passages go, and the others keep
 * the numbers that the text cites them by.
 */
export function passageMarkers(passages: readonly { readonly marker?: number | undefined }[]): number[] {
  return passages.map(({ marker }, at) => marker ?? at + 1);
}
