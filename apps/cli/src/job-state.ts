/** As much of a job as a command shows; the server's form and the queue's both fit. */
export interface JobState {
  readonly id: string;
  readonly status: string;
  readonly progress: { readonly done: number; readonly total: number | null; readonly note: string | null };
  readonly result: unknown;
  readonly error: { readonly code: string; readonly detail: string } | null;
  readonly endedAt: string | null;
}
