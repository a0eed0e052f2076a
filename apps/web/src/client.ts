/** The page's one client, and what all its queries share. Only the files that are named queries import it. */
import { createClient } from "@lorekeep/client";
import { useMutation, useQueryClient } from "@tanstack/react-query";

export const client = createClient({ baseUrl: "" });
/** How often to ask again while something is in motion, and while nothing is. */
export const BUSY_MS = 1500;
export const CALM_MS = 15_000;

/** A mutation that, once done, makes the lists under these keys ask again. */
export function useAction<Input, Output>(run: (input: Input) => Promise<Output>, ...stale: readonly string[]) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSettled: () => {
      for (const key of stale) void queries.invalidateQueries({ queryKey: [key] });
    },
  });
}

export const given = <Value>(key: string, value: Value | undefined) => (value === undefined ? {} : { [key]: value });
