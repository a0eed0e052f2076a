/** An answer's markdown with its citation chips. HTML in it stays text; links and images follow link-policy.ts. */
import { memo, useMemo, type ReactNode } from "react";
import Markdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { CitationChip } from "./citation-chip.tsx";
import { ImageAsText, OutsideLink } from "./outside-link.tsx";
import { rehypeShortAnswer } from "./short-answer.ts";
import { MARKER_TAG, protectMarkers, rehypeMarkers } from "./split-markers.ts";

// The question is the page's second-level heading, so headings in its answer stand below it.
const Upper = ({ children }: { children?: ReactNode }) => <h3>{children}</h3>;
const Lower = ({ children }: { children?: ReactNode }) => <h4>{children}</h4>;

const components = {
  h1: Upper,
  h2: Upper,
  h3: Upper,
  h4: Lower,
  h5: Lower,
  h6: Lower,
  a: ({ href, children }) => <OutsideLink address={href}>{children}</OutsideLink>,
  img: ({ src, alt }) => <ImageAsText address={typeof src === "string" ? src : undefined} alt={alt} />,
  table: ({ children }) => (
    <div className="table-scroll" role="region" tabIndex={0} aria-label="table">
      <table>{children}</table>
    </div>
  ),
  [MARKER_TAG]: ({ "data-marker": marker, "data-at": at }: { "data-marker"?: string; "data-at"?: string }) => (
    <CitationChip marker={Number(marker)} at={Number(at)} />
  ),
} as Components; // the marker's tag is our own, unknown to the type

const REMARK = [remarkGfm];

interface AnswerTextProps {
  text: string;
  known: ReadonlySet<number>;
  streaming: boolean;
  /** Marked where the text says it first. */
  shortAnswer: string | null;
}

export const AnswerText = memo(function AnswerText({ text, known, streaming, shortAnswer }: AnswerTextProps) {
  const rehype = useMemo(
    () => [rehypeMarkers, ...(shortAnswer === null ? [] : [() => rehypeShortAnswer(shortAnswer)])],
    [shortAnswer],
  );
  return (
    <div className="answer" data-testid="answer-text" data-streaming={streaming}>
      <Markdown remarkPlugins={REMARK} rehypePlugins={rehype} components={components}>
        {protectMarkers(text, known)}
      </Markdown>
    </div>
  );
});
