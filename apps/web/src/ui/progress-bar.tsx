/** `value` in [0,1]; null when the end is not known yet. */
export function ProgressBar({ value, label }: { value: number | null; label: string }) {
  const percent = value === null ? undefined : Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      className="h-1.5 w-full overflow-hidden rounded-full bg-ink/10"
    >
      <div
        className={
          percent === undefined
            ? "h-full w-1/3 animate-[slide_1.4s_ease-in-out_infinite] rounded-full bg-accent"
            : "h-full rounded-full bg-accent transition-[width] duration-200"
        }
        style={percent === undefined ? undefined : { width: `${percent}%` }}
      />
    </div>
  );
}
