/**
 * A small line chart in SVG, drawn by hand: few lines, few ticks, the values under the pointer in its legend, and the same
 * numbers as a table for whoever cannot or does not want to look at lines.
 */
import clsx from "clsx";
import { ChevronRight } from "lucide-react";
import { useLayoutEffect, useRef, useState, type PointerEvent, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import { nearest, pathOf, roundTicks, ticksWithin, type ChartPoint } from "./chart-scale.ts";

export interface ChartSeries {
  readonly name: string;
  readonly points: readonly ChartPoint[];
  readonly look: keyof typeof LOOKS;
  /** Marks each point: for few points. */
  readonly dots?: boolean;
  /** Drawn, but named and listed nowhere: the raw values behind a smoothed line. */
  readonly quiet?: boolean;
}

const LOOKS = {
  accent: { line: "stroke-accent", dot: "fill-accent", width: 2 },
  amber: { line: "stroke-mark-line", dot: "fill-mark-line", width: 2 },
  faint: { line: "stroke-accent/25", dot: "fill-accent/25", width: 1 },
};
const PAD = { left: 46, right: 14, top: 10, bottom: 28 };
const TABLE_ROWS = 60;
/** Room that a label below the axis needs, in pixels. */
const TICK_WIDTH = 72;
const MOST_TICKS = 8;

interface ChartProps {
  /** Says in a sentence what is to be seen. */
  label: string;
  series: readonly ChartSeries[];
  xName: string;
  formatX: (x: number) => string;
  formatY: (y: number) => string;
  /** Fixed ends of the y axis; otherwise the data decide. */
  yRange?: readonly [number, number];
  height?: number;
  /** Dashed lines across the chart, each with a word at its head. */
  marks?: readonly { readonly x: number; readonly name: string; readonly look: "strong" | "faint" }[];
  /** Only these x are possible: one tick each. */
  xTicks?: readonly number[];
}

function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(600);
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.max(220, entry?.contentRect.width ?? 600)));
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}

/** Where the data lie and how they come onto the canvas. */
function scalesOf({ series, yRange, xTicks, height = 240 }: ChartProps, width: number) {
  const all = series.flatMap((line) => line.points);
  const xs = all.map((point) => point.x);
  const ys = all.map((point) => point.y);
  const [low, high] = yRange ?? [Math.min(...ys), Math.max(...ys)];
  const yMarks = roundTicks(low, high > low ? high : low + 1, 4);
  const xLow = Math.min(...xs);
  const xHigh = Math.max(...xs);
  const inner = { width: width - PAD.left - PAD.right, height: height - PAD.top - PAD.bottom };
  const fitting = Math.max(2, Math.floor(inner.width / TICK_WIDTH));
  const every = Math.ceil((xTicks?.length ?? 1) / fitting);
  const xMarks =
    xTicks?.filter((_, index) => index % every === 0) ?? ticksWithin(xLow, xHigh, Math.min(fitting, MOST_TICKS));
  const bottom = yMarks[0] ?? 0;
  const top = yMarks.at(-1) ?? 1;
  const toX = (x: number) =>
    PAD.left + (xHigh === xLow ? inner.width / 2 : ((x - xLow) / (xHigh - xLow)) * inner.width);
  const toY = (y: number) => PAD.top + (1 - (y - bottom) / (top - bottom || 1)) * inner.height;
  const fromX = (pixel: number) => xLow + ((pixel - PAD.left) / inner.width) * (xHigh - xLow);
  return { yMarks, xMarks, toX, toY, fromX, height };
}

export function LineChart(props: ChartProps) {
  const { series, label, formatX, formatY } = props;
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const [at, setAt] = useState<number | null>(null);
  const { yMarks, xMarks, toX, toY, fromX, height } = scalesOf(props, width);
  const named = series.filter((line) => line.quiet !== true && line.points.length > 0);
  const over = at === null ? null : nearest(named[0]?.points ?? [], at);
  const move = (event: PointerEvent<SVGSVGElement>) =>
    setAt(fromX(event.clientX - event.currentTarget.getBoundingClientRect().left));
  return (
    <figure className="min-w-0">
      <Legend named={named} over={over?.x ?? null} {...props} />
      <div ref={frame}>
        <svg
          role="img"
          aria-label={label}
          width={width}
          height={height}
          onPointerMove={move}
          onPointerLeave={() => setAt(null)}
          className="block touch-pan-y text-xs"
        >
          {yMarks.map((y) => (
            <g key={y}>
              <line x1={PAD.left} x2={width - PAD.right} y1={toY(y)} y2={toY(y)} className="stroke-line" />
              <text x={PAD.left - 8} y={toY(y)} dy="0.32em" textAnchor="end" className="fill-faint tabular-nums">
                {formatY(y)}
              </text>
            </g>
          ))}
          {xMarks.map((x) => (
            <text
              key={x}
              x={toX(x)}
              y={height - 8}
              textAnchor={toX(x) > width - PAD.right - 20 ? "end" : "middle"}
              className="fill-faint tabular-nums"
            >
              {formatX(x)}
            </text>
          ))}
          {props.marks?.map((mark) => (
            <Mark key={mark.name} mark={mark} x={toX(mark.x)} bottom={height - PAD.bottom} width={width} />
          ))}
          {over !== null && (
            <line
              x1={toX(over.x)}
              x2={toX(over.x)}
              y1={PAD.top}
              y2={height - PAD.bottom}
              className="stroke-line-strong"
            />
          )}
          {series.map((line) => (
            <Line key={line.name + line.look} line={line} toX={toX} toY={toY} />
          ))}
        </svg>
      </div>
      <ChartTable named={named} {...props} />
    </figure>
  );
}

interface MarkProps {
  mark: NonNullable<ChartProps["marks"]>[number];
  x: number;
  bottom: number;
  width: number;
}

/** The word stands beside its line, on the side where there is room; a strong one stands higher. */
function Mark({ mark, x, bottom, width }: MarkProps) {
  const right = x < width / 2;
  return (
    <g>
      <line
        x1={x}
        x2={x}
        y1={PAD.top}
        y2={bottom}
        strokeDasharray={mark.look === "strong" ? undefined : "3 4"}
        className={mark.look === "strong" ? "stroke-ink" : "stroke-muted"}
      />
      <text
        x={x + (right ? 6 : -6)}
        y={mark.look === "strong" ? bottom - 22 : bottom - 8}
        textAnchor={right ? "start" : "end"}
        paintOrder="stroke"
        strokeWidth={4}
        strokeLinejoin="round"
        className={clsx("stroke-surface", mark.look === "strong" ? "fill-ink font-medium" : "fill-muted")}
      >
        {mark.name}
      </text>
    </g>
  );
}

interface LineProps {
  line: ChartSeries;
  toX: (x: number) => number;
  toY: (y: number) => number;
}

function Line({ line, toX, toY }: LineProps) {
  const look = LOOKS[line.look];
  const points = line.points.map(({ x, y }) => ({ x: toX(x), y: toY(y) }));
  return (
    <g>
      <path
        d={pathOf(points)}
        fill="none"
        strokeWidth={look.width}
        strokeLinejoin="round"
        strokeLinecap="round"
        className={look.line}
      />
      {(line.dots === true || points.length === 1) &&
        points.map(({ x, y }) => <circle key={x} cx={x} cy={y} r={3.5} className={look.dot} />)}
    </g>
  );
}

interface PartProps extends ChartProps {
  named: readonly ChartSeries[];
}

/** Names of the lines with their last values, or those under the pointer. */
function Legend({ named, over, xName, formatX, formatY }: PartProps & { over: number | null }) {
  return (
    <figcaption className="mb-2 flex flex-wrap items-center gap-x-5 gap-y-1 text-[13px] text-muted">
      {named.map((line) => {
        const point = over === null ? line.points.at(-1) : nearest(line.points, over);
        return (
          <span key={line.name} className="inline-flex items-center gap-2">
            <svg aria-hidden width="18" height="8" className={LOOKS[line.look].line}>
              <line x1="1" x2="17" y1="4" y2="4" strokeWidth="2" strokeLinecap="round" />
              {line.dots === true && <circle cx="9" cy="4" r="3" className={LOOKS[line.look].dot} />}
            </svg>
            {line.name}
            <span className="font-medium text-ink tabular-nums">{point && formatY(point.y)}</span>
          </span>
        );
      })}
      <span aria-hidden className={clsx("ms-auto tabular-nums", over === null && "invisible")}>
        {xName} {over !== null && formatX(over)}
      </span>
    </figcaption>
  );
}

function ChartTable({ named, xName, formatX, formatY, label }: PartProps) {
  const { t } = useTranslation();
  const xs = [...new Set(named.flatMap((line) => line.points.map((point) => point.x)))].sort((a, b) => a - b);
  const every = Math.ceil(xs.length / TABLE_ROWS);
  const shown = xs.filter((_, index) => index % every === 0 || index === xs.length - 1);
  return (
    <details className="group mt-1 text-[13px]">
      <summary className="inline-flex list-none items-center gap-1 text-muted hover:text-ink">
        <ChevronRight aria-hidden className="size-3.5 transition-transform group-open:rotate-90" />
        {t("chart.table")}
      </summary>
      <div className="mt-2 max-h-64 overflow-auto rounded-lg bg-sunk" role="region" tabIndex={0} aria-label={label}>
        <table className="w-full tabular-nums">
          <thead>
            <tr className="text-muted">
              <th scope="col" className="px-3 py-1.5 text-start font-medium">
                {xName}
              </th>
              {named.map((line) => (
                <th key={line.name} scope="col" className="px-3 py-1.5 text-end font-medium">
                  {line.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((x) => (
              <tr key={x} className="border-t border-line">
                <th scope="row" className="px-3 py-1 text-start font-normal">
                  {formatX(x)}
                </th>
                {named.map((line) => {
                  const point = line.points.find((candidate) => candidate.x === x);
                  return (
                    <td key={line.name} className="px-3 py-1 text-end">
                      {point === undefined ? "–" : formatY(point.y)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
