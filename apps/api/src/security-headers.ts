/**
 * Headers of every answer. The policy has no `unsafe-inline`, no `unsafe-eval` and no foreign origin: a page that shows
 * poisoned text can neither run it nor send anything away (S8, S9).
 */
import type { RequestHandler } from "express";

export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "manifest-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join("; ");

/** For originals: even opened in a tab they can do nothing. */
export const FILE_SECURITY_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'";

const HEADERS = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "x-permitted-cross-domain-policies": "none",
} as const;

export const securityHeaders: RequestHandler = function securityHeaders(_request, response, next) {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  next();
};
