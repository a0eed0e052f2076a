/** The route table as OpenAPI 3.1: JSON Schema comes from the very zod schemas that parse the requests. */
import { problemSchema } from "@lorekeep/core";
import { z } from "zod";
import type { Access, Route } from "./route.ts";

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly Record<string, readonly string[]>[];
  readonly "x-access": string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { required: boolean; content: Record<string, { schema: unknown }> };
  readonly responses: Record<string, unknown>;
}
interface Parameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly required: boolean;
  readonly schema: unknown;
}

export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: { title: string; version: string; description: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: Record<string, unknown>;
  readonly [key: string]: unknown;
}

export function openApiDocument(routes: readonly Route[], version: string): OpenApiDocument {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method] = describeRoute(route);
  return {
    openapi: "3.1.0",
    info: {
      title: "Lorekeep",
      version,
      description:
        "Documents in, cited answers out. Errors are RFC 9457 problem details; lists take `limit` and `cursor` and give `items` and `nextCursor`.",
    },
    paths,
    components: {
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "An API key, or LOREKEEP_API_KEY." },
        session: { type: "apiKey", in: "cookie", name: "lorekeep_session", description: "Signed in with a browser." },
      },
      schemas: { Problem: jsonSchema(problemSchema, "output") },
    },
  };
}

export function describeAccess(access: Access): string {
  if (access === "public") return "anybody";
  if (access === "session") return "signed-in people";
  if (access === "operator") return "admin, or a program on the same machine";
  return access.join(" or ");
}

function describeRoute(route: Route): Operation {
  const requestBody = describeBody(route);
  return {
    operationId: operationId(route),
    summary: route.summary,
    tags: [tagOf(route.path)],
    security: securityOf(route.access),
    "x-access": describeAccess(route.access),
    parameters: [...pathParameters(route.path), ...queryParameters(route.query)],
    ...(requestBody === null ? {} : { requestBody }),
    responses: {
      [route.reply.status]: describeReply(route),
      default: {
        description: "What went wrong",
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    },
  };
}

function securityOf(access: Access): Record<string, string[]>[] {
  if (access === "public") return [{}];
  return access === "session" ? [{ session: [] }] : [{ key: [] }, { session: [] }];
}

const operationId = (route: Route): string =>
  route.operationId ??
  `${route.method}_${route.path
    .replace(/^\/api\/v1\//, "")
    .replace(/^\W+|\W+$/g, "")
    .replace(/\W+/g, "_")}`;

const tagOf = (path: string): string =>
  path.startsWith("/v1/") ? "openai" : (/^(?:\/api\/v1)?\/([a-z]+)/.exec(path)?.[1] ?? "other");

function describeBody(route: Route): Operation["requestBody"] | null {
  const bodies = route.reads ?? (route.body === null ? null : { "application/json": route.body });
  if (bodies === null) return null;
  const content = Object.entries(bodies).map(([type, schema]) => [type, { schema: jsonSchema(schema, "input") }]);
  return { required: !route.bodyOptional, content: Object.fromEntries(content) as Record<string, { schema: unknown }> };
}

function describeReply({ reply }: Route): unknown {
  if ("mediaType" in reply) {
    const schema = reply.schema === undefined ? { type: "string" } : jsonSchema(reply.schema, "output");
    return { description: "Done", content: { [reply.mediaType]: { schema } } };
  }
  if (!("schema" in reply)) return { description: "Done" };
  return { description: "Done", content: { "application/json": { schema: jsonSchema(reply.schema, "output") } } };
}

const pathParameters = (path: string): Parameter[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name: name ?? "",
    in: "path",
    required: true,
    schema: { type: "string" },
  }));

const objectSchema = z.object({
  properties: z.record(z.string(), z.unknown()),
  required: z.array(z.string()).default([]),
});

function queryParameters(query: z.ZodType | null): Parameter[] {
  if (query === null) return [];
  const { properties, required } = objectSchema.parse(jsonSchema(query, "input"));
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): unknown {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: "draft-2020-12", io, unrepresentable: "any" });
  return rest;
}
