/** Keys of the review, on a focused example only: single letters must not act from anywhere on the page (WCAG 2.1.4). */
export type ReviewAction = "next" | "previous" | "approve" | "reject" | "edit" | "unfold";

const KEYS: Readonly<Record<string, ReviewAction>> = {
  j: "next",
  ArrowDown: "next",
  k: "previous",
  ArrowUp: "previous",
  a: "approve",
  r: "reject",
  e: "edit",
  p: "unfold",
};

interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** null: the key is none of ours, or it belongs to a field or a button inside the example. */
export function reviewAction(pressed: Pressed, onExample: boolean): ReviewAction | null {
  if (!onExample || pressed.ctrlKey || pressed.metaKey || pressed.altKey) return null;
  return KEYS[pressed.key.length === 1 ? pressed.key.toLowerCase() : pressed.key] ?? null;
}

export type Step = Extract<ReviewAction, "next" | "previous">;

/** The place after a step; null when it leads out of the page. */
export function stepTo(at: number, step: Step, count: number): number | null {
  const next = at + (step === "next" ? 1 : -1);
  return next >= 0 && next < count ? next : null;
}
