/** Light, dark, or as the system says. public/theme.js applies the stored choice before the first paint. */
import { createStore } from "./external-store.ts";
import { recall, remember } from "./remember.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const stored = recall("theme");
export const theme = createStore<Theme>(stored === "light" || stored === "dark" ? stored : "system");
const systemDark = matchMedia("(prefers-color-scheme: dark)");

function apply(): void {
  const dark = theme.get() === "dark" || (theme.get() === "system" && systemDark.matches);
  document.documentElement.dataset["theme"] = dark ? "dark" : "light";
}

export function setTheme(next: Theme): void {
  remember("theme", next === "system" ? null : next);
  theme.set(() => next);
}

theme.subscribe(apply);
systemDark.addEventListener("change", apply);
apply();
