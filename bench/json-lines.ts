import { readFileSync } from "node:fs";

/** One value a line, as the public sets are written. `Row` is what the file is known to hold. Throws what reading and JSON.parse throw. */
export const jsonLines = <Row>(path: string): Row[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as Row);
