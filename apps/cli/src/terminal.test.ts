import { Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { barLine, openTerminal, tableOf } from "./terminal.ts";

function collector(isTTY = false): Writable & { isTTY: boolean; text: () => string } {
  const parts: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, callback) {
      parts.push(String(chunk));
      callback();
    },
  });
  return Object.assign(stream, { isTTY, text: () => parts.join("") });
}

describe("the terminal", () => {
  test("prints results on stdout and everything else on stderr", () => {
    const [stdout, stderr] = [collector(), collector()];
    const terminal = openTerminal({ stdout, stderr });
    terminal.print("result");
    terminal.printJson({ a: 1 });
    terminal.say("by the way");
    expect(stdout.text()).toBe('result\n{\n  "a": 1\n}\n');
    expect(stderr.text()).toBe("by the way\n");
  });

  test("draws bars only where somebody watches, and always their last state", () => {
    const [stdout, watched, piped] = [collector(), collector(true), collector()];
    for (const stderr of [watched, piped]) {
      const bar = openTerminal({ stdout, stderr }).bar("import");
      for (let done = 1; done <= 50; done += 1) bar.update(done, 50);
      bar.end();
    }
    expect(piped.text()).toBe("");
    expect(watched.text()).toContain("50/50 100 %");
    expect(watched.text().split("\r").length).toBeLessThan(10);
    expect(stdout.text()).toBe("");
  });

  test("a bar without a known end counts", () => {
    expect(barLine("get", 5, null, "MB")).toBe("get 5 · MB");
    expect(barLine("get", 5, 0, "")).toBe("get 5");
    expect(barLine("get", 20, 10, "")).toContain("100 %");
  });

  test("tables line up, Chinese names too", () => {
    expect(
      tableOf(
        ["name", "n"],
        [
          ["泵", "1"],
          ["pump", "22"],
        ],
      ),
    ).toBe(["name  n", "────  ──", "泵    1", "pump  22"].join("\n"));
  });
});
