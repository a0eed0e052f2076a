import { describe, expect, test } from "vitest";
import { countDays } from "./count-days.ts";

const at = (...times: string[]) => times.map((time) => ({ time: Date.parse(time), count: 1 }));
const days = (times: string[], zone: string) => countDays(at(...times), zone).map(({ label, count }) => [label, count]);
const bounds = (time: string, zone: string) => {
  const [{ after, before } = { after: "", before: "" }] = countDays(at(time), zone);
  return [after, before];
};

describe("days of documents", () => {
  test("are those of the reader's clock", () => {
    const times = ["2026-01-30T12:00:00.000Z", "2026-01-30T23:30:00.000Z", "2026-01-31T04:00:00.000Z"];
    expect(days(times, "UTC")).toEqual([["2026-01-30", 2], ["2026-01-31", 1]]); // prettier-ignore
    expect(days(times, "Asia/Shanghai")).toEqual([["2026-01-30", 1], ["2026-01-31", 2]]); // prettier-ignore
    expect(days(times, "America/New_York")).toEqual([["2026-01-30", 3]]);
  });

  test("begin and end at the reader's midnights, quarter-hour zones and years before zones had whole minutes included", () => {
    expect(bounds("2026-01-30T23:30:00.000Z", "Asia/Shanghai")).toEqual([
      "2026-01-30T15:59:59.999Z",
      "2026-01-31T16:00:00.000Z",
    ]);
    expect(bounds("2026-01-30T18:14:59.999Z", "Asia/Kathmandu")[1]).toBe("2026-01-30T18:15:00.000Z");
    expect(bounds("2026-01-30T18:15:00.000Z", "Asia/Kathmandu")[0]).toBe("2026-01-30T18:14:59.999Z");
  });

  test("have 23 or 25 hours where the clocks change, and begin at one o'clock where midnight is jumped over", () => {
    const hours = (time: string, zone: string) => {
      const [after = "", before = ""] = bounds(time, zone);
      return (Date.parse(before) - Date.parse(after) - 1) / 3_600_000;
    };
    expect(hours("2026-03-29T10:00:00.000Z", "Europe/Berlin")).toBe(23);
    expect(hours("2026-10-25T10:00:00.000Z", "Europe/Berlin")).toBe(25);
    expect(hours("2026-03-30T10:00:00.000Z", "Europe/Berlin")).toBe(24);
    // Lebanon's clocks jump from 23:59 to 01:00.
    expect(bounds("2024-03-31T10:00:00.000Z", "Asia/Beirut")[0]).toBe("2024-03-30T21:59:59.999Z");
    expect(hours("2024-03-31T10:00:00.000Z", "Asia/Beirut")).toBe(23);
  });

  test("become months and years where they are many, whose bounds are the reader's too", () => {
    const month = (index: number) => new Date(Date.UTC(2024, index, 1, 3)).toISOString();
    const found = countDays(
      at(...Array.from({ length: 12 }, (_, index) => [month(index), month(index)]).flat()),
      "UTC",
    );
    expect(found).toHaveLength(12);
    const many = Array.from({ length: 30 }, (_, day) => new Date(Date.UTC(2026, 0, day + 1, 2)).toISOString());
    expect(countDays(at(...many), "America/New_York")).toEqual([
      { label: "2025-12", count: 1, after: "2025-12-01T04:59:59.999Z", before: "2026-01-01T05:00:00.000Z" },
      { label: "2026-01", count: 29, after: "2026-01-01T04:59:59.999Z", before: "2026-02-01T05:00:00.000Z" },
    ]);
  });
});
