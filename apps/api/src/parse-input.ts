/** What came from outside, checked once; the sentence of the error names the fields that do not fit. */
import { AppError } from "@lorekeep/core";
import type { z } from "zod";

/** Throws request_invalid that names the field. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, value: unknown, where: string): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.slice(0, 3).map((issue) => {
    const path = [where, ...issue.path.map(String)].join(".");
    return `${path.slice(0, 100)}: ${issue.message.slice(0, 200)}`;
  });
  throw new AppError("request_invalid", `The request does not fit: ${faults.join("; ")}.`);
}
