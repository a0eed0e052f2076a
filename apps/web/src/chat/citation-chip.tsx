/** The number behind a sentence: hover or focus shows the quote, a click opens the source at the passage. */
import clsx from "clsx";
import { useContext, useId, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { placeBeside } from "../ui/place.ts";
import { AnswerContext } from "./answer-context.ts";
import { citationAt } from "./split-markers.ts";

const CHIP =
  "mx-0.5 inline-flex h-[1.25rem] min-w-[1.25rem] items-center justify-center rounded-md px-1 align-[0.1em] text-[0.72rem] leading-none font-semibold tabular-nums";

export function CitationChip({ marker, at }: { marker: number; at: number }) {
  const { t } = useTranslation();
  const { answer, openCitation } = useContext(AnswerContext);
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const card = useRef<HTMLSpanElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    if (open && button.current && card.current) placeBeside(button.current, card.current, "start");
  }, [open]);
  const citation = citationAt(answer.citations, marker, at);
  if (citation === undefined) return <span className={clsx(CHIP, "bg-ink/7 text-muted")}>{marker}</span>;
  const place = citation.page === null ? null : t("source.page", { page: citation.page });
  return (
    <span
      className="whitespace-nowrap"
      onMouseEnter={() => setOpen(true)}
      onMouseLeave={() => setOpen(false)}
      onFocus={() => setOpen(true)}
      onBlur={() => setOpen(false)}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        setOpen(false);
      }}
    >
      <button
        ref={button}
        type="button"
        data-testid="citation"
        data-marker={marker}
        aria-label={t("chat.citation", { marker, name: citation.documentName, place: place ?? "" }).trim()}
        aria-describedby={open ? id : undefined}
        onClick={() => {
          setOpen(false);
          openCitation(citation);
        }}
        className={clsx(
          CHIP,
          "bg-accent-soft text-accent transition-colors hover:bg-accent hover:text-on-accent",
          !citation.supported && "outline-1 outline-dashed outline-warn",
        )}
      >
        {marker}
      </button>
      {open && (
        <span
          ref={card}
          role="tooltip"
          id={id}
          className="fixed z-40 block w-80 max-w-[calc(100vw-1rem)] rounded-xl border border-line bg-surface p-4 text-start text-sm leading-normal whitespace-normal text-ink shadow-float"
        >
          <span className="block font-semibold break-words">{citation.documentName}</span>
          {place && <span className="block text-[13px] text-muted">{place}</span>}
          <span className="mt-2 line-clamp-6 border-s-2 border-mark-line ps-3 font-serif text-[0.95rem] italic">
            {citation.quote}
          </span>
          {!citation.supported && <span className="mt-2 block text-[13px] text-warn">{t("chat.weakSupport")}</span>}
        </span>
      )}
    </span>
  );
}
