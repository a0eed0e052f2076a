/**
 * One error class and one closed table of codes. The table decides the HTTP status and whether a job may retry.
 * Throw low; catch only at three edges: the HTTP error middleware, the job runner, the CLI's main.
 */
export const ERRORS = {
  // what came in
  request_invalid: { status: 400, retry: false },
  request_too_large: { status: 413, retry: false },
  unauthenticated: { status: 401, retry: false },
  forbidden: { status: 403, retry: false },
  not_found: { status: 404, retry: false },
  method_not_allowed: { status: 405, retry: false },
  conflict: { status: 409, retry: false },
  rate_limited: { status: 429, retry: true },
  setup_required: { status: 403, retry: false },
  setup_link_invalid: { status: 403, retry: false },
  // documents
  document_empty: { status: 422, retry: false },
  document_too_large: { status: 413, retry: false },
  document_encrypted: { status: 422, retry: false },
  document_corrupt: { status: 422, retry: false },
  document_format_unsupported: { status: 415, retry: false },
  document_no_text: { status: 422, retry: false },
  document_parse_timeout: { status: 422, retry: false },
  document_parse_memory: { status: 422, retry: false },
  document_bomb: { status: 422, retry: false },
  parser_crashed: { status: 422, retry: true },
  // models
  model_missing: { status: 503, retry: true },
  model_download_failed: { status: 503, retry: true },
  model_checksum_mismatch: { status: 503, retry: false },
  model_invalid: { status: 422, retry: false },
  model_unsupported: { status: 422, retry: false },
  model_busy: { status: 503, retry: true },
  model_failed: { status: 502, retry: true },
  context_too_long: { status: 422, retry: false },
  // index and storage
  shape_mismatch: { status: 500, retry: false },
  index_corrupt: { status: 500, retry: true },
  index_unavailable: { status: 503, retry: true },
  database_busy: { status: 503, retry: true },
  database_incompatible: { status: 500, retry: false },
  disk_full: { status: 507, retry: true },
  blob_missing: { status: 410, retry: false },
  // jobs
  job_cancelled: { status: 409, retry: false },
  job_timeout: { status: 504, retry: true },
  queue_unavailable: { status: 503, retry: true },
  schedule_invalid: { status: 400, retry: false },
  // training
  training_diverged: { status: 422, retry: false },
  memory_low: { status: 507, retry: false },
  // the rest
  aborted: { status: 499, retry: false },
  config_invalid: { status: 500, retry: false },
  unexpected: { status: 500, retry: true },
} as const satisfies Record<string, { status: number; retry: boolean }>;

export type ErrorCode = keyof typeof ERRORS;

/** `message` is a sentence for people: what happened, with which value, and what to do. `details` never holds document text. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, details: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get retry(): boolean {
    return ERRORS[this.code].retry;
  }
}

/** The error itself when it is one of ours, else an `unexpected` one that keeps the cause for the log. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof Error && error.name === "AbortError")
    return new AppError("aborted", "The request was stopped.", {}, { cause: error });
  return new AppError(
    "unexpected",
    "Something went wrong on our side. The log has the details under this request id.",
    {},
    { cause: error },
  );
}

/** Throws `aborted` when the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AppError("aborted", "The request was stopped.", {}, { cause: signal.reason });
}
