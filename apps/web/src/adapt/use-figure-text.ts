/** Figures in the reader's language: shares with two digits after the point, signed differences, intervals. */
import { useTranslation } from "react-i18next";

/** Shares have two digits after the point, fine figures three, rates one. */
export type FigureUnit = "share" | "fine" | "rate";

export function useFigureText() {
  const { i18n } = useTranslation();
  const digits = (unit: FigureUnit) => (unit === "rate" ? 1 : unit === "fine" ? 3 : 2);
  const number = (value: number, unit: FigureUnit, sign: "auto" | "exceptZero") =>
    value
      .toLocaleString(i18n.language, {
        minimumFractionDigits: digits(unit),
        maximumFractionDigits: digits(unit),
        signDisplay: sign,
      })
      .replace("-", "\u2212");
  return {
    value: (value: number | null | undefined, unit: FigureUnit) =>
      value === null || value === undefined ? "–" : number(value, unit, "auto"),
    difference: (value: number, unit: FigureUnit) => number(value, unit, "exceptZero"),
    interval: ([low, high]: readonly [number, number], unit: FigureUnit) =>
      `[${number(low, unit, "exceptZero")}, ${number(high, unit, "exceptZero")}]`,
    percent: (share: number) => share.toLocaleString(i18n.language, { style: "percent", maximumFractionDigits: 0 }),
    count: (value: number) => value.toLocaleString(i18n.language),
  };
}
