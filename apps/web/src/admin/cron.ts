/** The schedules that people mean, as presets over five-field cron; everything else is “custom”. */
export type Preset = "daily" | "weekdays" | "weekly" | "custom";
export const PRESETS = ["daily", "weekdays", "weekly", "custom"] as const;

export interface Plan {
  readonly preset: Preset;
  /** HH:MM, 24 hours. */
  readonly time: string;
  /** 0 = Sunday … 6. */
  readonly weekday: number;
  readonly cron: string;
}

const FIELDS = /^(\d{1,2}) (\d{1,2}) \* \* (\*|1-5|[0-6])$/;

export function readPlan(cron: string): Plan {
  const text = cron.trim().replace(/\s+/g, " ");
  const match = FIELDS.exec(text);
  const minute = Number(match?.[1]);
  const hour = Number(match?.[2]);
  const day = match?.[3];
  if (match === null || minute > 59 || hour > 23) return { preset: "custom", time: "02:00", weekday: 0, cron: text };
  const time = `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
  if (day === "*") return { preset: "daily", time, weekday: 0, cron: text };
  if (day === "1-5") return { preset: "weekdays", time, weekday: 1, cron: text };
  return { preset: "weekly", time, weekday: Number(day), cron: text };
}

export function writeCron(plan: Plan): string {
  if (plan.preset === "custom") return plan.cron.trim();
  const [hour = "2", minute = "0"] = plan.time.split(":");
  const days = { daily: "*", weekdays: "1-5", weekly: String(plan.weekday) }[plan.preset];
  return `${Number(minute)} ${Number(hour)} * * ${days}`;
}

/** The browser's list of IANA zones, with the one in use and UTC always among them. */
export function timeZones(current: string): string[] {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [...new Set(["UTC", own, current, ...Intl.supportedValuesOf("timeZone")])].filter((zone) => zone !== "");
}
