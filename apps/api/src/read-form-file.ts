/**
 * A form with exactly one file (a dataset, an adapter) and some fields. Fields may stand after the file, and what is made of
 * it needs them, so the bytes wait in the data folder's temporary folder, which each start of the server empties.
 */
import { AppError } from "@lorekeep/core";
import { dataPaths, type Platform } from "@lorekeep/platform";
import type { Request, Response } from "express";
import multer from "multer";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { z } from "zod";
import { parseInput } from "./parse-input.ts";
import { FORM_LIMITS, runMulter } from "./read-upload.ts";

export interface FormContext {
  readonly platform: Platform;
  readonly request: Request;
  readonly response: Response;
  readonly signal: AbortSignal;
}

export interface FormFile<Fields> {
  /** As the caller wrote it: a label only. */
  readonly name: string;
  readonly fields: Fields;
  readonly bytes: AsyncIterable<Uint8Array>;
}

export const isMultipart = (request: Request): boolean => /^multipart\//i.test(request.headers["content-type"] ?? "");

/** `use` has the file while it runs. Throws request_invalid, request_too_large, and what `use` throws. */
export async function withFormFile<Fields extends z.ZodType, Value>(
  context: FormContext,
  fieldsSchema: Fields,
  use: (file: FormFile<z.output<Fields>>) => Promise<Value>,
): Promise<Value> {
  const { temporary } = dataPaths(context.platform.config);
  await mkdir(temporary, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(temporary, "form-"));
  const path = join(folder, "file");
  try {
    const name = await saveOnlyFile(context, path);
    const fields = parseInput(fieldsSchema, { ...(context.request.body as object) }, "form"); // holds: multer makes an object
    return await use({ name, fields, bytes: createReadStream(path) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The file's name. */
async function saveOnlyFile({ platform, request, response, signal }: FormContext, path: string): Promise<string> {
  const names: string[] = [];
  const storage: multer.StorageEngine = {
    _handleFile(_request, file, done) {
      names.push(file.originalname);
      const bounded = boundedBy(platform.config.ingest.maxFileBytes);
      pipeline(file.stream, bounded, createWriteStream(path, { flags: "wx", mode: 0o600 }), { signal }).then(
        () => done(null, {}),
        (error: unknown) => done(error),
      );
    },
    _removeFile: (_request, _file, done) => done(null),
  };
  const limits = { ...FORM_LIMITS, files: 1 };
  await runMulter(multer({ storage, limits, defParamCharset: "utf8", preservePath: true }), { request, response });
  const [name] = names;
  if (name === undefined)
    throw new AppError("request_invalid", "The form holds no file. Send one part named `file`, with a file name.");
  return name;
}

function boundedBy(maxBytes: number): Transform {
  let byteCount = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      byteCount += chunk.length;
      if (byteCount > maxBytes)
        done(new AppError("request_too_large", `The file is larger than ${maxBytes} bytes.`, { maxBytes }));
      else done(null, chunk);
    },
  });
}

/** `path/to/questions.csv` → `questions`; `fallback` where nothing is left. */
export function titleOfFile(fileName: string, fallback: string): string {
  const last = fileName.split(/[\\/]/).at(-1) ?? "";
  return last.replace(/\.[^.]{1,10}$/, "").slice(0, 200) || fallback;
}
