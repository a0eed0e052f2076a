/**
 * Multipart uploads as streams: no file is held in memory, none is written to a place of our own.
 *
 * Fields may stand before or after the files. Since a field that comes later may still name the collection, the bytes go
 * into the blob store first and the documents are made when the form has ended. A caller that says `?fieldsFirst=true`
 * (our own client does) spares that second reading: its files stream straight into the library.
 */
import { AppError, metadataSchema, uploadFieldsSchema, type Metadata } from "@lorekeep/core";
import type { Actor, Platform, UploadOutcome } from "@lorekeep/platform";
import type { Request, Response } from "express";
import multer from "multer";
import { z } from "zod";
import { parseInput } from "./parse-input.ts";

export interface UploadContext {
  readonly platform: Platform;
  readonly actor: Actor;
  readonly request: Request;
  readonly response: Response;
  readonly signal: AbortSignal;
  /** Used where the form names none. */
  readonly collection: string | undefined;
  readonly fieldsFirst: boolean;
}

interface Fields {
  readonly collection: string | undefined;
  readonly metadata: Metadata;
  readonly externalId: string | undefined;
}

export const FORM_LIMITS = {
  files: 1000,
  fields: 20,
  fieldSize: 200_000,
  fieldNameSize: 100,
  fieldNestingDepth: 0,
  headerPairs: 50,
};

/** Outcomes in the order of the files. Throws request_invalid, request_too_large, and what the library throws. */
export async function receiveUploads(context: UploadContext): Promise<UploadOutcome[]> {
  const { platform, actor, signal } = context;
  const stored: Promise<StoredFile>[] = [];
  const save = context.fieldsFirst ? saveDirectly : stage;
  const storage: multer.StorageEngine = {
    _handleFile(request, file, done) {
      const saved = save(context, file, () => fieldsOf(request, context.collection));
      stored.push(saved);
      saved.then(
        () => done(null, {}),
        (error: unknown) => done(error),
      );
    },
    _removeFile: (_request, _file, done) => done(null),
  };
  await runMulter(multer({ storage, limits: FORM_LIMITS, defParamCharset: "utf8", preservePath: true }), context);
  if (stored.length === 0)
    throw new AppError(
      "request_invalid",
      "The form holds no file. Send at least one part named `file`, with a file name.",
    );
  const outcomes: UploadOutcome[] = [];
  for (const file of await Promise.all(stored)) {
    if ("outcome" in file) outcomes.push(file.outcome);
    else {
      const fields = fieldsOf(context.request, context.collection);
      const bytes = await platform.blobs.open(file.sha256);
      outcomes.push(await platform.library.upload(actor, { ...file.about, ...fields, bytes, signal }));
    }
  }
  return outcomes;
}

type StoredFile =
  | { readonly outcome: UploadOutcome }
  | { readonly sha256: string; readonly about: { readonly name: string; readonly mediaType: string | null } };

async function saveDirectly(
  context: UploadContext,
  file: Express.Multer.File,
  fields: () => Fields,
): Promise<StoredFile> {
  const { platform, actor, signal } = context;
  const outcome = await platform.library.upload(actor, { ...describe(file), ...fields(), bytes: file.stream, signal });
  return { outcome };
}

async function stage(context: UploadContext, file: Express.Multer.File): Promise<StoredFile> {
  const { platform, signal } = context;
  const { sha256 } = await platform.blobs.put(file.stream, { maxBytes: platform.config.ingest.maxFileBytes, signal });
  return { sha256, about: describe(file) };
}

/** The name is a label only; the library cleans it and never makes a path of it. */
const describe = (file: Express.Multer.File) => ({
  name: file.originalname,
  mediaType: file.mimetype === "application/octet-stream" ? null : file.mimetype,
});

function fieldsOf(request: Request, collection: string | undefined): Fields {
  const form = parseInput(uploadFieldsSchema, { ...(request.body as object) }, "form"); // holds: multer makes an object
  return {
    collection: form.collection ?? collection,
    externalId: form.externalId,
    metadata: form.metadata === undefined ? {} : parseInput(metadataSchema, parseMetadata(form.metadata), "metadata"),
  };
}

function parseMetadata(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("request_invalid", "The form's field metadata is not valid JSON.", {}, { cause });
  }
}

const systemErrorSchema = z.object({ syscall: z.string() });

/** Throws request_invalid, and what the form's storage throws. */
export function runMulter(
  form: multer.Multer,
  { request, response }: Pick<UploadContext, "request" | "response">,
): Promise<void> {
  return new Promise((resolve, reject) => {
    form.any()(request, response, (error: unknown) => {
      if (error === undefined || error === null) resolve();
      else reject(formError(error));
    });
  });
}

/** What the library, the form's limits or the system said; anything else is a form that cannot be read, or a caller who left. */
function formError(error: unknown): Error {
  if (error instanceof AppError || error instanceof multer.MulterError) return error;
  if (error instanceof Error && systemErrorSchema.safeParse(error).success) return error;
  const reason = error instanceof Error ? error.message : "unknown";
  return new AppError("request_invalid", `The form cannot be read: ${reason}.`, {}, { cause: error });
}
