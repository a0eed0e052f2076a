/** From values to pixels: round tick marks, a smoothed line, an SVG path. */
export interface ChartPoint {
  readonly x: number;
  readonly y: number;
}

/** About `count` round numbers (1, 2 or 5 times a power of ten) that span [low, high]; ascending. */
export function roundTicks(low: number, high: number, count: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** As many round numbers within [low, high] as fit: at most `most`, and none that lies outside. */
export function ticksWithin(low: number, high: number, most: number): number[] {
  for (let count = most + 2; count > 1; count -= 1) {
    const within = roundTicks(low, high, count).filter((tick) => tick >= low && tick <= high);
    if (within.length <= most) return within;
  }
  return roundTicks(low, high, 1).filter((tick) => tick >= low && tick <= high);
}

/** Exponential mean over about `span` points, corrected for its beginning (Kingma & Ba 2015, section 3). */
export function smooth(points: readonly ChartPoint[], span: number): ChartPoint[] {
  const keep = 1 - 1 / Math.max(1, span);
  let mean = 0;
  let weight = 0;
  return points.map(({ x, y }) => {
    mean = keep * mean + (1 - keep) * y;
    weight = keep * weight + (1 - keep);
    return { x, y: mean / weight };
  });
}

export const pathOf = (points: readonly ChartPoint[]): string =>
  points.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

/** The point nearest to x; null when there are none. Points ascend in x. */
export function nearest(points: readonly ChartPoint[], x: number): ChartPoint | null {
  let best: ChartPoint | null = null;
  for (const point of points) if (best === null || Math.abs(point.x - x) < Math.abs(best.x - x)) best = point;
  return best;
}
