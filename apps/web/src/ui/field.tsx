/** Form parts: a label, a control, a hint and an error that belong together for eyes and for screen readers. */
import clsx from "clsx";
import { ChevronDown } from "lucide-react";
import { useId, type ComponentProps, type ReactNode } from "react";

const CONTROL =
  "w-full rounded-lg border border-line-strong/70 bg-surface px-3 text-[15px] transition-colors hover:border-line-strong aria-invalid:border-danger";
export const controlClass = clsx(CONTROL, "h-10");

interface Wrap {
  label: string;
  hint?: ReactNode;
  error?: string | null | undefined;
  hideLabel?: boolean;
}

function Labelled({ id, label, hint, error, hideLabel, children }: Wrap & { id: string; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className={hideLabel ? "sr-only" : "text-sm font-medium"}>
        {label}
      </label>
      {children}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-[13px] text-muted">
          {hint}
        </p>
      )}
      {error != null && (
        <p id={`${id}-error`} role="alert" className="text-[13px] text-danger">
          {error}
        </p>
      )}
    </div>
  );
}

function describe(id: string, { hint, error }: Wrap) {
  const ids = [hint !== undefined && `${id}-hint`, error != null && `${id}-error`].filter(Boolean).join(" ");
  return { id, "aria-describedby": ids === "" ? undefined : ids, "aria-invalid": error != null || undefined };
}

export function TextField({ label, hint, error, hideLabel, className, ...rest }: Wrap & ComponentProps<"input">) {
  const id = useId();
  const wrap = { label, hint, error, hideLabel: hideLabel === true };
  return (
    <Labelled id={id} {...wrap}>
      <input {...rest} {...describe(id, wrap)} className={clsx(controlClass, className)} />
    </Labelled>
  );
}

export function TextArea({ label, hint, error, hideLabel, className, ...rest }: Wrap & ComponentProps<"textarea">) {
  const id = useId();
  const wrap = { label, hint, error, hideLabel: hideLabel === true };
  return (
    <Labelled id={id} {...wrap}>
      <textarea rows={3} {...rest} {...describe(id, wrap)} className={clsx(CONTROL, "py-2", className)} />
    </Labelled>
  );
}

interface Option {
  value: string;
  label: string;
}
export function SelectField({
  label,
  hint,
  error,
  hideLabel,
  options,
  className,
  ...rest
}: Wrap & ComponentProps<"select"> & { options: readonly Option[] }) {
  const id = useId();
  const wrap = { label, hint, error, hideLabel: hideLabel === true };
  return (
    <Labelled id={id} {...wrap}>
      <div className="relative">
        <select
          {...rest}
          {...describe(id, wrap)}
          className={clsx(controlClass, "appearance-none truncate pe-9", className)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        <ChevronDown aria-hidden className="pointer-events-none absolute end-3 top-3 size-4 text-muted" />
      </div>
    </Labelled>
  );
}

export function Checkbox({ label, hint, ...rest }: { label: ReactNode; hint?: ReactNode } & ComponentProps<"input">) {
  return (
    <label className="flex min-h-9 items-start gap-2.5 py-1.5 text-sm has-disabled:opacity-60">
      <input {...rest} type="checkbox" className="mt-0.5 size-4 shrink-0 accent-accent" />
      <span className="min-w-0">
        <span className="break-words">{label}</span>
        {hint !== undefined && <span className="block text-[13px] text-muted">{hint}</span>}
      </span>
    </label>
  );
}

/** On or off at once; a checkbox that looks like a switch. */
export function Switch({ label, ...rest }: { label: string } & ComponentProps<"input">) {
  return (
    <label className="flex min-h-9 items-center gap-3 text-sm font-medium">
      <input
        {...rest}
        type="checkbox"
        role="switch"
        className={clsx(
          "relative h-6 w-11 shrink-0 appearance-none rounded-full bg-line-strong transition-colors checked:bg-accent",
          "after:absolute after:top-0.5 after:left-0.5 after:size-5 after:rounded-full after:bg-surface after:transition-transform checked:after:translate-x-5",
        )}
      />
      {label}
    </label>
  );
}
