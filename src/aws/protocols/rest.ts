import type { Readable } from 'node:stream';
import { NormalizedSchema } from '@smithy/core/schema';
import type { StaticOperationSchema } from '@smithy/types';
import type { AwsError } from '../errors.ts';
import type { WireRequest, WireResponse } from '../http.ts';
import { fromHeader, headersOf, listOf } from './bindings.ts';
import { type EventFormat, eventStreamOf } from './event-stream.ts';
import { part } from './part.ts';
import { type Api, type Call, operationSchema, type Target } from './protocol.ts';
import { compileRestRouter, type RestRouter } from './rest-router.ts';

/** What of a REST protocol stands in bodies. */
export interface RestBody {
  /** @throws AwsError for a body that is not in the protocol's form */
  read(api: Api, schema: NormalizedSchema, body: Uint8Array): Record<string, unknown>;
  /** @param name of the root element, where the protocol has one */
  write(api: Api, schema: NormalizedSchema, value: unknown): string | Uint8Array;
  contentType: string;
  events: EventFormat;
  /** The answer to a header or a parameter that is not what its member takes. */
  malformed(sentence: string): AwsError;
}

const routers = new WeakMap<Api, RestRouter>();

/** The operation whose bindings a request meets, or undefined: the models are the routes. */
export function restOperation(
  api: Api,
  request: WireRequest,
): Pick<Target, 'operation' | 'labels'> | undefined {
  let router = routers.get(api);
  if (!router) {
    router = compileRestRouter(api);
    routers.set(api, router);
  }
  const { labels, path } = api.address?.(request) ?? { labels: {}, path: request.path };
  const parameters = new URLSearchParams(request.query);
  return router(request.method, path, parameters, request.headers, labels);
}

/** Members are spread over path, query, headers and body. */
export function readRest(call: Call, body: RestBody): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  const schema = NormalizedSchema.of(operationSchema(call.api, call.operation)[4]);
  if (!schema.isStructSchema()) return input;
  const parameters = new URLSearchParams(call.request.query);
  let inBody = false;
  for (const [name, member] of schema.structIterator()) {
    const traits = member.getMergedTraits();
    const value = boundValue(call, parameters, name, member, body);
    if (value !== undefined) input[name] = value;
    else if (traits.httpPayload) input[name] = readPayload(call, member, body);
    else if (!isBound(traits)) inBody = true;
  }
  if (inBody && call.body?.length)
    Object.assign(input, body.read(call.api, bodyOf(schema), call.body));
  return input;
}

export function writeRest(
  call: Call,
  output: Record<string, unknown>,
  headers: Record<string, string>,
  body: RestBody,
): WireResponse {
  const operation = operationSchema(call.api, call.operation);
  const schema = NormalizedSchema.of(operation[5]);
  const response: WireResponse = {
    status: statusOf(operation),
    headers: { ...headers, ...headersOf(schema, output) },
    body: undefined,
  };
  if (!schema.isStructSchema()) return response;
  // A status code can be an output too.
  for (const [name, member] of schema.structIterator()) {
    if (member.getMergedTraits().httpResponseCode && output[name])
      response.status = Number(output[name]);
  }
  writeBody(call, schema, output, response, body);
  return response;
}

/** The status that the operation's HTTP trait says its success has. */
function statusOf(operation: StaticOperationSchema): number {
  const traits = operation[3] as { http?: [string, string, number] };
  return traits.http?.[2] ?? 200;
}

type Traits = ReturnType<NormalizedSchema['getMergedTraits']>;

function isBound(traits: Traits): boolean {
  return Boolean(
    traits.httpLabel ||
      traits.httpQuery ||
      traits.httpHeader ||
      traits.httpPrefixHeaders !== undefined ||
      traits.httpQueryParams ||
      traits.httpResponseCode ||
      traits.httpPayload,
  );
}

const bodies = new WeakMap<object, NormalizedSchema>();

/** The members that stand in the body: nothing that is bound elsewhere can be said there. */
export function bodyOf(schema: NormalizedSchema): NormalizedSchema {
  const key = schema.getSchema() as object;
  let body = bodies.get(key);
  if (!body) {
    const traits = schema.getMergedTraits();
    // AWS names the root after the shape where the model gives no name; clients do not look at it.
    const name = traits.xmlName ?? schema.getName()?.replace(/Output$/, 'Result') ?? 'Result';
    body = part(schema, name, (member) => !isBound(member.getMergedTraits()));
    bodies.set(key, body);
  }
  return body;
}

function boundValue(
  call: Call,
  parameters: URLSearchParams,
  name: string,
  member: NormalizedSchema,
  { malformed }: RestBody,
): unknown {
  const traits = member.getMergedTraits();
  const { headers } = call.request;
  if (traits.httpLabel) {
    const label = call.labels?.[name];
    return label === undefined ? undefined : fromHeader(member, label, malformed);
  }
  if (traits.httpQuery) return fromQuery(member, parameters.getAll(traits.httpQuery), malformed);
  if (traits.httpQueryParams) return restOfQuery(call, parameters, member);
  if (traits.httpHeader) {
    const text = headers[traits.httpHeader.toLowerCase()];
    return text === undefined ? undefined : fromHeader(member, text, malformed);
  }
  if (traits.httpPrefixHeaders === undefined) return undefined;
  const prefix = traits.httpPrefixHeaders.toLowerCase();
  const found = Object.entries(headers).filter(([header]) => header.startsWith(prefix));
  if (found.length === 0) return undefined;
  return Object.fromEntries(found.map(([header, v]) => [header.slice(prefix.length), v]));
}

function fromQuery(
  member: NormalizedSchema,
  values: string[],
  malformed: RestBody['malformed'],
): unknown {
  if (values.length === 0) return undefined;
  if (member.isListSchema()) return listOf(member, values, malformed);
  return fromHeader(member, values[0] ?? '', malformed);
}

/** A map of the parameters that no other member has. */
function restOfQuery(call: Call, parameters: URLSearchParams, member: NormalizedSchema): unknown {
  const schema = NormalizedSchema.of(operationSchema(call.api, call.operation)[4]);
  const taken = Object.values(schema.getMemberSchemas()).map((m) => m.getMergedTraits().httpQuery);
  const names = [...new Set(parameters.keys())].filter((name) => !taken.includes(name));
  if (names.length === 0) return undefined;
  const several = member.getValueSchema().isListSchema();
  return Object.fromEntries(
    names.map((name) => [name, several ? parameters.getAll(name) : parameters.get(name)]),
  );
}

function readPayload(call: Call, member: NormalizedSchema, body: RestBody): unknown {
  if (member.isStreaming()) return call.request.body;
  if (!call.body || call.body.length === 0) return undefined;
  if (member.isBlobSchema()) return call.body;
  if (member.isStringSchema()) return Buffer.from(call.body).toString('utf8');
  return body.read(call.api, member, call.body);
}

function writeBody(
  call: Call,
  schema: NormalizedSchema,
  output: Record<string, unknown>,
  response: WireResponse,
  body: RestBody,
): void {
  const events = eventStreamOf(call, output, body.events);
  if (events) {
    response.body = events.body;
    response.headers['content-type'] = events.contentType;
    return;
  }
  const members = Object.entries(schema.getMemberSchemas());
  const [name = '', payload] = members.find(([, m]) => m.getMergedTraits().httpPayload) ?? [];
  if (!payload) {
    const document = bodyOf(schema);
    if (Object.keys(document.getMemberSchemas()).length === 0) return;
    writeDocument(call, document, output, response, body);
    return;
  }
  const value = output[name];
  if (value === undefined || value === null) return;
  if (payload.isBlobSchema() || payload.isStringSchema())
    response.body = value as Readable | Uint8Array | string;
  else writeDocument(call, payload, value, response, body);
}

function writeDocument(
  call: Call,
  schema: NormalizedSchema,
  value: unknown,
  response: WireResponse,
  body: RestBody,
): void {
  response.body = body.write(call.api, schema, value);
  response.headers['content-type'] = body.contentType;
}
