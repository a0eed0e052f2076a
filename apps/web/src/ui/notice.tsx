/** A sentence that wants attention, with what one can do about it beside it. */
import clsx from "clsx";
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

const TONES = {
  accent: "bg-accent-soft text-accent",
  good: "bg-good-soft text-good",
  warn: "bg-warn-soft text-warn",
  danger: "bg-danger-soft text-danger",
};

interface NoticeProps {
  tone: keyof typeof TONES;
  icon: LucideIcon;
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}

export function Notice({ tone, icon: Icon, title, children, action }: NoticeProps) {
  return (
    <div className={clsx("flex flex-wrap items-center gap-x-4 gap-y-3 rounded-2xl px-5 py-4", TONES[tone])}>
      <Icon aria-hidden className="size-5 shrink-0 self-start" />
      <div className="min-w-0 flex-1 basis-52">
        <p className="font-medium break-words">{title}</p>
        {children !== undefined && <div className="mt-0.5 text-sm break-words text-ink">{children}</div>}
      </div>
      {action}
    </div>
  );
}
