/** A choice of a few, all in sight: radio buttons that look like one bar. */
import clsx from "clsx";
import { useId, type ReactNode } from "react";

export interface Segment<Value extends string> {
  readonly value: Value;
  readonly label: ReactNode;
}

interface SegmentedProps<Value extends string> {
  label: string;
  value: Value;
  segments: readonly Segment<Value>[];
  onChange: (value: Value) => void;
}

export function Segmented<Value extends string>({ label, value, segments, onChange }: SegmentedProps<Value>) {
  const name = useId();
  return (
    <fieldset className="min-w-0">
      <legend className="sr-only">{label}</legend>
      <div className="inline-flex max-w-full flex-wrap gap-0.5 rounded-lg bg-ink/7 p-0.5">
        {segments.map((segment) => (
          <label
            key={segment.value}
            className={clsx(
              "inline-flex h-9 items-center justify-center rounded-md max-sm:grow px-3 text-sm transition-colors has-focus-visible:outline-2 has-focus-visible:outline-accent",
              segment.value === value ? "bg-surface font-medium text-ink shadow-card" : "text-muted hover:text-ink",
            )}
          >
            <input
              type="radio"
              name={name}
              value={segment.value}
              checked={segment.value === value}
              onChange={() => onChange(segment.value)}
              className="sr-only"
            />
            {segment.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
