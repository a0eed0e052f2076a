/**
 * A route is a value: method, path, who may call it, what goes in, what comes out. `defineRoute` is the only way to make
 * one and `mountRoutes` the only way to serve one, so no route can exist without a declared access (checked by
 * mount-routes.test.ts, which walks the live router), and the OpenAPI document cannot forget one.
 */
import type { Logger, Scope } from "@lorekeep/core";
import type { Actor, Platform } from "@lorekeep/platform";
import type { Request, Response } from "express";
import type { z } from "zod";
import type { Caller } from "./auth.ts";
import type { ApiServices } from "./services.ts";

/**
 * Who may call: everybody; a signed-in person; an administrator or a program on this machine; holders of any of these
 * scopes (a person has them all).
 */
export type Access = "public" | "session" | "operator" | readonly [Scope, ...Scope[]];
type OpenAccess = "public" | "operator";

/** What comes back: JSON of a schema, nothing, or bytes that the handler writes itself. */
export type Reply =
  | { readonly status: 200 | 201 | 202; readonly schema: z.ZodType }
  | { readonly status: 204 }
  | { readonly status: 200; readonly mediaType: string; readonly schema?: z.ZodType };

type PathParameters<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [Key in Name]: string } & PathParameters<Rest>
  : unknown;

type Answer<R extends Reply> = R extends { readonly mediaType: string }
  ? Promise<void>
  : R extends { readonly schema: infer Schema extends z.ZodType }
    ? Promise<Frozen<z.input<Schema>>>
    : Promise<void>;
/** The nouns of the house are readonly; the wire does not care. */
type Frozen<Value> = Value extends object ? { readonly [Key in keyof Value]: Frozen<Value[Key]> } : Value;

export interface RouteContext<A extends Access, Path extends string, Query, Body> {
  readonly services: ApiServices;
  readonly platform: Platform;
  readonly caller: A extends OpenAccess ? Caller | null : Caller;
  readonly actor: A extends OpenAccess ? Actor | null : Actor;
  readonly params: PathParameters<Path>;
  readonly query: Query;
  readonly body: Body;
  readonly request: Request;
  readonly response: Response;
  /** Fires when the caller has gone, or when the server closes and its patience is over. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

export interface RouteSpec<
  A extends Access,
  Path extends string,
  Query extends z.ZodType,
  Body extends z.ZodType,
  R extends Reply,
> {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** As in OpenAPI: `/api/v1/documents/{id}:reprocess`. */
  readonly path: Path;
  readonly access: A;
  readonly summary: string;
  readonly query?: Query;
  /** A JSON body, parsed after the caller is known. */
  readonly body?: Body;
  /** No body at all is read as `{}`. */
  readonly bodyOptional?: boolean;
  /** A body that the handler reads itself, by media type, for the documentation. */
  readonly reads?: Readonly<Record<string, z.ZodType>>;
  readonly reply: R;
  /** For a second spelling of a path, whose name in the OpenAPI document would be the first one's. */
  readonly operationId?: string;
  handle(context: RouteContext<A, Path, z.output<Query>, z.output<Body>>): Answer<R>;
}

type ErasedContext = RouteContext<"public", string, unknown, unknown>;

export interface Route {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  readonly path: string;
  readonly access: Access;
  readonly summary: string;
  readonly query: z.ZodType | null;
  readonly body: z.ZodType | null;
  readonly bodyOptional: boolean;
  readonly reads: Readonly<Record<string, z.ZodType>> | null;
  readonly reply: Reply;
  readonly operationId: string | null;
  readonly handle: (context: ErasedContext) => Promise<unknown>;
}

const defined = new WeakSet<Route>();
export const isDefinedRoute = (route: Route): boolean => defined.has(route);

export function defineRoute<
  const A extends Access,
  const Path extends string,
  const R extends Reply,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
>(spec: RouteSpec<A, Path, Query, Body, R>): Route {
  const route: Route = {
    method: spec.method,
    path: spec.path,
    access: spec.access,
    summary: spec.summary,
    query: spec.query ?? null,
    body: spec.body ?? null,
    bodyOptional: spec.bodyOptional ?? false,
    reads: spec.reads ?? null,
    reply: spec.reply,
    operationId: spec.operationId ?? null,
    // Holds: mountRoutes checks access and parses path, query and body with this very route's declarations first.
    handle: (context) => spec.handle(context as unknown as Parameters<typeof spec.handle>[0]),
  };
  defined.add(route);
  return route;
}
