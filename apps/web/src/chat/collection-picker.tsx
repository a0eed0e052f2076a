/** Which collections the next question searches; none chosen means all. */
import { ChevronDown, Library } from "lucide-react";
import { useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useCollections } from "../queries.ts";
import { Checkbox } from "../ui/field.tsx";
import { placeBeside } from "../ui/place.ts";

interface PickerProps {
  chosen: readonly string[];
  onChange: (ids: readonly string[]) => void;
}

export function CollectionPicker({ chosen, onChange }: PickerProps) {
  const { t } = useTranslation();
  const collections = useCollections().data ?? [];
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  if (collections.length < 2) return null;
  const picked = collections.filter((collection) => chosen.includes(collection.id));
  const label =
    picked.length === 0
      ? t("chat.allCollections")
      : picked.length === 1
        ? picked[0]!.name
        : t("chat.someCollections", { count: picked.length });
  return (
    <>
      <button
        ref={button}
        type="button"
        popoverTarget={id}
        aria-label={t("chat.pickCollections", { label })}
        className="inline-flex h-8 min-w-0 items-center gap-1.5 rounded-lg px-2 text-[13px] text-muted hover:bg-ink/6 hover:text-ink"
      >
        <Library aria-hidden className="size-3.5 shrink-0" />
        <span className="truncate">{label}</span>
        <ChevronDown aria-hidden className="size-3.5 shrink-0" />
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        role="group"
        aria-label={t("chat.collections")}
        onToggle={(event) => {
          if (event.newState === "open" && button.current && panel.current)
            placeBeside(button.current, panel.current, "start");
        }}
        className="fixed m-0 max-h-80 w-72 max-w-[calc(100vw-1rem)] overflow-y-auto rounded-xl border border-line bg-surface px-4 py-2 text-ink shadow-float"
      >
        <Checkbox label={t("chat.allCollections")} checked={picked.length === 0} onChange={() => onChange([])} />
        {collections.map((collection) => (
          <Checkbox
            key={collection.id}
            label={collection.name}
            hint={t("chat.documentCount", { count: collection.documentCount })}
            checked={chosen.includes(collection.id)}
            onChange={(event) =>
              onChange(
                event.target.checked ? [...chosen, collection.id] : chosen.filter((item) => item !== collection.id),
              )
            }
          />
        ))}
      </div>
    </>
  );
}
