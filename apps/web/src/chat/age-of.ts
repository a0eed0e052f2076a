export type Age = "today" | "yesterday" | "week" | "older";

/** In which group of the list a time falls, by the reader's own calendar days. */
export function ageOf(iso: string, now: Date): Age {
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const daysBefore = (count: number) => new Date(today.getFullYear(), today.getMonth(), today.getDate() - count);
  const time = new Date(iso);
  if (time >= today) return "today";
  if (time >= daysBefore(1)) return "yesterday";
  return time >= daysBefore(7) ? "week" : "older";
}
