/** Errors in human words: what happened and what to do. Codes of the closed table have our own text in both languages. */
import { ClientError } from "@lorekeep/client";
import { ERRORS, type ErrorCode } from "@lorekeep/core";
import type { TFunction } from "i18next";

export interface ErrorText {
  readonly title: string;
  /** The server's own sentence, when it says more than the title. */
  readonly detail: string | null;
  readonly requestId: string | null;
}

const isKnown = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);

export function codeText(code: string, t: TFunction): string {
  return isKnown(code) ? t(`errors.${code}`) : t("errors.unexpected");
}

export function errorText(error: unknown, t: TFunction): ErrorText {
  if (!(error instanceof ClientError)) return { title: t("errors.unexpected"), detail: null, requestId: null };
  if (error.code === "unreachable") return { title: t("errors.unreachable"), detail: null, requestId: null };
  const detail = error.status < 500 && error.detail !== "" ? error.detail : null;
  return { title: codeText(error.code, t), detail, requestId: error.requestId };
}

export const isUnauthenticated = (error: unknown): boolean =>
  error instanceof ClientError && (error.code === "unauthenticated" || error.status === 401);
export const isNotFound = (error: unknown): boolean => error instanceof ClientError && error.status === 404;
