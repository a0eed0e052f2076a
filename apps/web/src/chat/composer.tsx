/** Where questions are written. Enter sends, Shift+Enter breaks the line; Enter that ends an IME composition does neither. */
import type { SearchFilter } from "@lorekeep/core";
import { ArrowUp, Square } from "lucide-react";
import { useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { FilterButton } from "../search/filter-button.tsx";
import { FilterChips } from "../search/filter-chips.tsx";
import { CollectionPicker } from "./collection-picker.tsx";

const MAX_QUESTION = 8000;

interface ComposerProps {
  busy: boolean;
  collections: readonly string[];
  onCollections: (ids: readonly string[]) => void;
  filter: SearchFilter;
  onFilter: (filter: SearchFilter) => void;
  onAsk: (question: string) => void;
  onStop: () => void;
}

export function Composer({ busy, collections, onCollections, filter, onFilter, onAsk, onStop }: ComposerProps) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    if (!area.current) return;
    area.current.style.height = "auto";
    area.current.style.height = `${Math.min(area.current.scrollHeight, 220)}px`;
  }, [text]);
  const send = () => {
    const question = text.trim();
    if (question === "" || busy) return;
    setText("");
    onAsk(question);
  };
  return (
    <form
      aria-label={t("chat.composer")}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      className="rounded-2xl border border-line-strong/60 bg-surface shadow-card transition-shadow focus-within:border-accent focus-within:shadow-float"
    >
      <textarea
        ref={area}
        rows={1}
        value={text}
        maxLength={MAX_QUESTION}
        autoFocus={matchMedia("(pointer: fine)").matches}
        aria-label={t("chat.question")}
        placeholder={t("chat.placeholder")}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing || event.keyCode === 229) return;
          if (event.key === "Enter" && !event.shiftKey) {
            event.preventDefault();
            send();
          }
          if (event.key === "Escape" && busy) {
            event.preventDefault();
            onStop();
          }
        }}
        className="block max-h-56 min-h-12 w-full resize-none bg-transparent px-4 pt-3.5 pb-1 text-base leading-6 outline-none"
      />
      <div className="px-3.5 pb-1.5 empty:hidden">
        <FilterChips filter={filter} onChange={onFilter} />
      </div>
      <div className="flex items-center justify-between gap-2 px-2.5 pb-2.5">
        <CollectionPicker chosen={collections} onChange={onCollections} />
        <FilterButton collections={collections} filter={filter} onChange={onFilter} />
        <span className="flex-1" />
        {busy ? (
          <button
            type="button"
            onClick={onStop}
            aria-label={t("chat.stop")}
            title={t("chat.stop")}
            className="flex size-9 items-center justify-center rounded-xl bg-ink text-paper hover:opacity-85"
          >
            <Square aria-hidden className="size-3.5 fill-current" />
          </button>
        ) : (
          <button
            type="submit"
            disabled={text.trim() === ""}
            aria-label={t("chat.send")}
            title={t("chat.send")}
            className="flex size-9 items-center justify-center rounded-xl bg-accent text-on-accent transition-colors hover:bg-accent-strong disabled:bg-ink/10 disabled:text-faint"
          >
            <ArrowUp aria-hidden className="size-[18px]" />
          </button>
        )}
      </div>
    </form>
  );
}
