/** Buttons in four weights; `busy` keeps the width and says so to screen readers. */
import clsx from "clsx";
import { LoaderCircle, type LucideIcon } from "lucide-react";
import type { ComponentProps } from "react";

type Weight = "primary" | "secondary" | "ghost" | "danger";
const WEIGHTS: Record<Weight, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-strong",
  secondary: "border border-line bg-surface hover:border-line-strong shadow-card",
  ghost: "text-muted hover:bg-ink/6 hover:text-ink",
  danger: "bg-danger text-paper hover:opacity-90",
};
const SIZES = { sm: "h-8 px-2.5 text-[13px] gap-1.5", md: "h-10 px-4 text-sm gap-2" };
const BASE =
  "inline-flex shrink-0 items-center justify-center rounded-lg font-medium whitespace-nowrap transition-colors disabled:opacity-50 disabled:cursor-not-allowed";

export const buttonClass = (weight: Weight = "secondary", size: keyof typeof SIZES = "md") =>
  clsx(BASE, WEIGHTS[weight], SIZES[size]);

interface ButtonProps extends ComponentProps<"button"> {
  weight?: Weight;
  size?: keyof typeof SIZES;
  icon?: LucideIcon;
  busy?: boolean;
}

export function Button({ weight, size = "md", icon: Icon, busy = false, className, children, ...rest }: ButtonProps) {
  const Shown = busy ? LoaderCircle : Icon;
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled === true || busy}
      aria-busy={busy || undefined}
      className={clsx(buttonClass(weight, size), className)}
    >
      {Shown && <Shown aria-hidden className={clsx(size === "sm" ? "size-3.5" : "size-4", busy && "animate-spin")} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends ComponentProps<"button"> {
  icon: LucideIcon;
  /** Names the button for everybody: tooltip and screen reader. */
  label: string;
  pressed?: boolean;
  small?: boolean;
}

export function IconButton({ icon: Icon, label, pressed, small = false, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      className={clsx(
        "inline-flex shrink-0 items-center justify-center rounded-lg text-muted transition-colors hover:bg-ink/6 hover:text-ink",
        "disabled:cursor-not-allowed disabled:opacity-40 aria-pressed:bg-accent-soft aria-pressed:text-accent",
        small ? "size-8" : "size-10",
        className,
      )}
    >
      <Icon aria-hidden className={small ? "size-4" : "size-[18px]"} />
    </button>
  );
}
