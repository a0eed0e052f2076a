/** The turns of a conversation. It follows the answer being written unless the reader has scrolled away. */
import { ArrowDown } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Answer } from "./answer.tsx";
import type { AnswerState } from "./answer-state.ts";
import type { Turn } from "./thread.ts";

const NEAR_END_PX = 120;

interface MessageListProps {
  turns: readonly Turn[];
  answering: boolean;
  onRegenerate: () => void;
  onAsk: (question: string) => void;
}

export function MessageList({ turns, answering, onRegenerate, onAsk }: MessageListProps) {
  const { t } = useTranslation();
  const end = useRef<HTMLDivElement>(null);
  const follow = useRef(true);
  const [away, setAway] = useState(false);
  const count = turns.length;

  useLayoutEffect(() => {
    follow.current = true;
    end.current?.scrollIntoView({ block: "end" });
  }, [count]);
  useEffect(() => {
    const scroller = end.current?.closest("[data-scroller]");
    const content = end.current?.parentElement;
    if (!scroller || !content) return;
    const measure = () => {
      follow.current = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END_PX;
      setAway(!follow.current);
    };
    const grown = new ResizeObserver(() => {
      if (follow.current) end.current?.scrollIntoView({ block: "end" });
    });
    scroller.addEventListener("scroll", measure, { passive: true });
    grown.observe(content);
    return () => {
      scroller.removeEventListener("scroll", measure);
      grown.disconnect();
    };
  }, []);

  return (
    <div className="flex flex-col gap-9 pt-8 pb-6" data-testid="messages">
      {turns.map((turn, index) => (
        <div key={turn.key} className="flex flex-col gap-5">
          <h2
            data-testid="question"
            className="ms-auto max-w-[85%] rounded-2xl rounded-ee-md bg-accent-soft px-4 py-2.5 break-words whitespace-pre-wrap"
          >
            <span className="sr-only">{t("chat.you")} </span>
            {turn.question}
          </h2>
          {turn.answer !== null && (
            <Answer
              turn={turn as Turn & { answer: AnswerState }}
              onAsk={onAsk}
              onRegenerate={index === turns.length - 1 && !answering ? onRegenerate : null}
            />
          )}
        </div>
      ))}
      <div ref={end} aria-hidden className="h-px" />
      {away && (
        <button
          type="button"
          onClick={() => end.current?.scrollIntoView({ block: "end", behavior: "smooth" })}
          aria-label={t("chat.toEnd")}
          className="sticky bottom-2 mx-auto -mt-6 flex size-9 items-center justify-center rounded-full border border-line bg-surface text-muted shadow-float hover:text-ink"
        >
          <ArrowDown aria-hidden className="size-4" />
        </button>
      )}
    </div>
  );
}
