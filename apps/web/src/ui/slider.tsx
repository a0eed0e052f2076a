import { useTranslation } from "react-i18next";

interface SliderProps {
  label: string;
  hideLabel?: boolean;
  hint?: string;
  value: number;
  min?: number;
  max?: number;
  step?: number;
  onChange: (value: number) => void;
}

/** A number on a scale, with its value beside its name. */
export function Slider({
  label,
  hideLabel = false,
  hint,
  value,
  min = 0,
  max = 1,
  step = 0.05,
  onChange,
}: SliderProps) {
  const { i18n } = useTranslation();
  const shown = value.toLocaleString(i18n.language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return (
    <label className="flex min-w-0 flex-col gap-1.5 text-sm font-medium">
      <span className={hideLabel ? "sr-only" : "flex justify-between"}>
        {label} <span className="font-normal text-muted tabular-nums">{shown}</span>
      </span>
      <span className="flex items-center gap-3">
        <input
          type="range"
          min={min}
          max={max}
          step={step}
          value={value}
          aria-label={label}
          aria-valuetext={shown}
          onChange={(event) => onChange(Number(event.target.value))}
          className="h-10 w-full min-w-0 accent-accent"
        />
        {hideLabel && <span className="w-10 text-end font-normal text-muted tabular-nums">{shown}</span>}
      </span>
      {hint !== undefined && <span className="text-[13px] font-normal text-muted">{hint}</span>}
    </label>
  );
}
