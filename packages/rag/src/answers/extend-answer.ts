/** A stored answer with more of the same under it: passages it has keep their numbers, new ones get the next, citations move along. */
import { holdsSpan, passageMarkers } from "@lorekeep/core";
import type { Citation, Message, Passage } from "@lorekeep/core";

type Answer = Pick<Message, "text" | "citations" | "passages">;

export function extendAnswer(message: Answer, further: Answer): Answer {
  const passages: Passage[] = [...message.passages];
  const markers = passageMarkers(message.passages);
  const add = (passage: Passage): number => {
    // Of passages that were deleted meanwhile the numbers are missing: the next is not how many there are.
    const marker = Math.max(0, ...markers, ...message.citations.map((citation) => citation.marker)) + 1;
    passages.push(marker === passages.length + 1 ? passage : { ...passage, marker });
    markers.push(marker);
    return marker;
  };
  const markerOf = (marker: number): number => {
    const passage = further.passages[marker - 1];
    if (passage === undefined) return marker;
    const known = passages.findIndex(({ chunkId }) => chunkId === passage.chunkId);
    if (known < 0) return add(passage);
    // Further on it may be merged with more of its neighbours.
    const { marker: kept } = passages[known]!;
    if (holdsSpan(passage, passages[known]!))
      passages[known] = kept === undefined ? passage : { ...passage, marker: kept };
    return holdsSpan(passages[known]!, passage) ? markers[known]! : add(passage);
  };
  const citations: Citation[] = [];
  let text = `${message.text}\n\n`;
  let readUpTo = repeatedHead(message.text, further.text);
  for (const citation of further.citations) {
    const [start, end] = citation.answerSpan;
    const marker = markerOf(citation.marker);
    text += further.text.slice(readUpTo, start);
    const from = text.length;
    text += further.text.slice(start, end).replace(/\[\d+\]$/u, `[${marker}]`);
    citations.push({ ...citation, marker, answerSpan: [from, text.length] });
    readUpTo = end;
  }
  return { text: text + further.text.slice(readUpTo), citations: [...message.citations, ...citations], passages };
}

/** A line about the quotes' language that the answer begins with is not said twice: where the rest begins. */
function repeatedHead(text: string, further: string): number {
  const head = `${further.split("\n\n", 1)[0]!}\n\n`;
  return further.startsWith(head) && text.startsWith(head) && !head.startsWith("#") ? head.length : 0;
}
