/** The frame of an admin page: title, one line of explanation, actions; and its smaller parts. */
import clsx from "clsx";
import type { LucideIcon } from "lucide-react";
import { useEffect, type ReactNode } from "react";

export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = title === "" ? "Lorekeep" : `${title} · Lorekeep`;
  }, [title]);
}

interface PageProps {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  above?: ReactNode;
  children: ReactNode;
}

export function Page({ title, lead, actions, above, children }: PageProps) {
  usePageTitle(title);
  return (
    <div className="mx-auto w-full max-w-5xl px-4 pt-6 pb-20 sm:px-8 sm:pt-10">
      {above}
      <div className="mb-7 flex flex-wrap items-end justify-between gap-x-6 gap-y-4">
        <div className="min-w-0">
          <h1 className="font-serif text-[1.75rem] leading-tight font-semibold tracking-tight break-words">{title}</h1>
          {lead !== undefined && <p className="mt-1.5 max-w-2xl text-muted">{lead}</p>}
        </div>
        {actions !== undefined && <div className="flex flex-wrap gap-2">{actions}</div>}
      </div>
      {children}
    </div>
  );
}

export function Card({ className, children }: { className?: string; children: ReactNode }) {
  return <div className={clsx("rounded-2xl border border-line bg-surface shadow-card", className)}>{children}</div>;
}

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="mt-9">
      <h2 className="mb-3 font-serif text-lg font-semibold">{title}</h2>
      {children}
    </section>
  );
}

interface EmptyProps {
  icon: LucideIcon;
  title: string;
  body?: ReactNode;
  action?: ReactNode;
}

export function Empty({ icon: Icon, title, body, action }: EmptyProps) {
  return (
    <div className="flex flex-col items-center px-6 py-14 text-center">
      <span className="mb-4 flex size-12 items-center justify-center rounded-2xl bg-accent-soft text-accent">
        <Icon aria-hidden className="size-6" />
      </span>
      <p className="font-serif text-lg font-semibold">{title}</p>
      {body !== undefined && <p className="mt-1 max-w-md text-balance text-muted">{body}</p>}
      {action !== undefined && <div className="mt-5 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

/** Grey bars while the first answer is on its way. */
export function Skeleton({ rows = 4, label }: { rows?: number; label: string }) {
  return (
    <div role="status" aria-label={label} className="flex flex-col gap-3 p-5">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} aria-hidden className="h-5 animate-pulse rounded bg-ink/7 even:w-4/5" />
      ))}
    </div>
  );
}
