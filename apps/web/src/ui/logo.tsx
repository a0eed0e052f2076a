/** The mark: a keep whose foot is a bookmark. */
export function Logo({ className = "size-7" }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden="true">
      <rect width="32" height="32" rx="8" className="fill-accent" />
      <path d="M8 7h3.6v2.6h2.6V7h3.6v2.6h2.6V7H24v18.4l-8-4.6-8 4.6z" className="fill-paper" />
      <path d="M14 14.6a2 2 0 0 1 4 0v3h-4z" className="fill-accent" />
    </svg>
  );
}

export function Wordmark() {
  return (
    <span className="flex items-center gap-2.5">
      <Logo />
      <span className="font-serif text-[1.2rem] font-semibold tracking-tight">Lorekeep</span>
    </span>
  );
}
