// What the tests need from the system: a browser and a Redis server. Installed through apt when that is possible and
// allowed; otherwise a sentence says what is missing, and the tests that need it are skipped with that reason.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const WANTED = [
  {
    name: "Chromium",
    package: "chromium",
    paths: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
  },
  { name: "Redis", package: "redis-server", paths: ["/usr/bin/redis-server", "/usr/local/bin/redis-server"] },
  {
    name: "a Chinese font",
    package: "fonts-noto-cjk",
    paths: ["/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"],
  },
];

const isMissing = (tool) => !tool.paths.some((path) => existsSync(path));

/** Tries to install what is missing; returns sentences about what still is. */
export function ensureSystemTools() {
  let missing = WANTED.filter(isMissing);
  const apt = existsSync("/usr/bin/apt-get") && process.getuid?.() === 0;
  if (missing.length > 0 && apt) {
    console.error(`Installing ${missing.map((tool) => tool.name).join(", ")} with apt …`);
    const options = {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    };
    spawnSync("apt-get", ["update", "-qq"], options);
    spawnSync(
      "apt-get",
      ["install", "-y", "-qq", "--no-install-recommends", ...missing.map((tool) => tool.package)],
      options,
    );
    missing = missing.filter(isMissing);
  }
  return missing.map(
    (tool) => `${tool.name} is not installed (Debian package ${tool.package}): the tests that need it are skipped.`,
  );
}
