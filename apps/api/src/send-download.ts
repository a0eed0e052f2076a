/** Files that the house makes (exports): as an attachment, under the same policy as originals. */
import type { Response } from "express";
import { FILE_SECURITY_POLICY } from "./security-headers.ts";

export interface Download {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export function sendDownload(response: Response, { name, mediaType, bytes }: Download): void {
  response.attachment(name);
  response.setHeader("content-security-policy", FILE_SECURITY_POLICY);
  response.setHeader("cache-control", "private, no-store, no-transform");
  response.setHeader("content-type", mediaType);
  response.end(bytes);
}
