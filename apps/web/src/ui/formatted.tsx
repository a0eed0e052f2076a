/** Sizes, times and counts in the reader's language. */
import { useTranslation } from "react-i18next";

const SIZE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

export function formatBytes(bytes: number, language: string): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < SIZE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: SIZE_UNITS[unit]!,
    unitDisplay: "short",
    maximumFractionDigits: unit === 0 || value >= 100 ? 0 : 1,
  }).format(value);
}

/** 420 ms, 1.4 s, 2 min 5 s. */
export function formatDuration(durationMs: number, language: string): string {
  const unit = (value: number, name: string, digits = 0) =>
    new Intl.NumberFormat(language, {
      style: "unit",
      unit: name,
      unitDisplay: "short",
      maximumFractionDigits: digits,
    }).format(value);
  if (durationMs < 1000) return unit(durationMs, "millisecond", durationMs < 10 ? 1 : 0);
  const seconds = durationMs / 1000;
  if (seconds < 60) return unit(seconds, "second", 1);
  const whole = Math.round(seconds);
  return `${unit(Math.floor(whole / 60), "minute")} ${unit(whole % 60, "second")}`;
}

const STEPS: readonly (readonly [limitSeconds: number, unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  [60, "second", 1],
  [3600, "minute", 60],
  [86_400, "hour", 3600],
  [86_400 * 14, "day", 86_400],
];

export function formatRelative(iso: string, now: number, language: string): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  for (const [limit, unit, size] of STEPS)
    if (Math.abs(seconds) < limit) return relative.format(Math.round(seconds / size), unit);
  return new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(new Date(iso));
}

export function formatDateTime(iso: string, language: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(language, {
    dateStyle: "medium",
    timeStyle: "short",
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(new Date(iso));
}

/** “3 minutes ago”, with the exact time on hover. */
export function When({ at }: { at: string }) {
  const { i18n } = useTranslation();
  return (
    <time dateTime={at} title={formatDateTime(at, i18n.language)} className="whitespace-nowrap">
      {/* eslint-disable-next-line react-hooks/purity -- a page that asks again every few seconds keeps this fresh */}
      {formatRelative(at, Date.now(), i18n.language)}
    </time>
  );
}

export function Size({ bytes }: { bytes: number }) {
  const { i18n } = useTranslation();
  return <span className="whitespace-nowrap tabular-nums">{formatBytes(bytes, i18n.language)}</span>;
}

export function Count({ value }: { value: number }) {
  const { i18n } = useTranslation();
  return <span className="tabular-nums">{value.toLocaleString(i18n.language)}</span>;
}

export function Duration({ ms }: { ms: number }) {
  const { i18n } = useTranslation();
  return <span className="whitespace-nowrap tabular-nums">{formatDuration(ms, i18n.language)}</span>;
}
