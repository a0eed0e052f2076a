/**
 * Programs on this machine may read the metrics without a key. A proxy would make everybody look local, so a forwarding
 * header spoils it; so does a foreign Host, which a page could reach us under by rebinding its name to loopback.
 */
import type { Request } from "express";

const LOOPBACK = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/;
const LOCAL_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

export function isLocalOperator(request: Request): boolean {
  const { headers, socket } = request;
  const isForwarded = headers["x-forwarded-for"] !== undefined || headers.forwarded !== undefined;
  return !isForwarded && LOOPBACK.test(socket.remoteAddress ?? "") && LOCAL_HOST.test(headers.host ?? "");
}
