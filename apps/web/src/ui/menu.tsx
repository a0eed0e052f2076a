/** A small menu in the top layer (popover): light dismiss and Esc come from the browser, arrows from us. */
import clsx from "clsx";
import type { LucideIcon } from "lucide-react";
import { useId, useRef, useState, type KeyboardEvent } from "react";
import { IconButton } from "./button.tsx";
import { placeBeside } from "./place.ts";

export interface MenuItem {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly onSelect: () => void;
}

export function Menu({
  label,
  icon,
  items,
  small = true,
}: {
  label: string;
  icon: LucideIcon;
  items: readonly MenuItem[];
  small?: boolean;
}) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);

  const place = () => {
    if (!button.current || !list.current) return;
    placeBeside(button.current, list.current);
    list.current.querySelector<HTMLElement>("[role=menuitem]:not(:disabled)")?.focus();
  };
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const entries = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=menuitem]:not(:disabled)")];
    const at = entries.indexOf(document.activeElement as HTMLElement);
    const steps: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1 + entries.length,
      Home: 0,
      End: entries.length - 1,
    };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    entries[next % entries.length]?.focus();
  };
  return (
    <>
      <IconButton
        ref={button}
        icon={icon}
        label={label}
        small={small}
        aria-haspopup="menu"
        aria-expanded={open}
        popoverTarget={id}
        onClick={(event) => event.stopPropagation()}
      />
      <div
        ref={list}
        id={id}
        popover="auto"
        role="menu"
        aria-label={label}
        onToggle={(event) => {
          setOpen(event.newState === "open");
          if (event.newState === "open") place();
        }}
        onKeyDown={move}
        className="fixed m-0 min-w-44 rounded-xl border border-line bg-surface p-1 text-ink shadow-float"
      >
        {items.map((item) => (
          <button
            key={item.label}
            type="button"
            role="menuitem"
            tabIndex={-1}
            disabled={item.disabled}
            onClick={() => {
              list.current?.hidePopover();
              item.onSelect();
            }}
            className={clsx(
              "flex h-9 w-full items-center gap-2.5 rounded-lg px-2.5 text-start text-sm hover:bg-ink/6 focus:bg-ink/6 focus:outline-none disabled:opacity-50",
              item.danger === true && "text-danger",
            )}
          >
            <item.icon aria-hidden className="size-4" />
            {item.label}
          </button>
        ))}
      </div>
    </>
  );
}
