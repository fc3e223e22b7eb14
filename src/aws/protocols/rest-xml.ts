import type { Readable } from 'node:stream';
import { XmlCodec } from '@aws-sdk/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import type { StaticOperationSchema } from '@smithy/types';
import { AwsError } from '../errors.ts';
import type { WireResponse } from '../http.ts';
import { fromHeader, headersOf, toText } from './bindings.ts';
import type { Call, Codec } from './codec.ts';
import { escapeXml } from './xml-text.ts';

const RFC3339 = 5 as const;

/** Outputs that S3 sends as the bare text of the root element (Smithy's s3UnwrappedXmlOutput, which the schemas omit). */
const UNWRAPPED_OUTPUTS = new Set(['GetBucketLocation']);

/** REST-XML as S3 speaks it: members are spread over path, query, headers and body. */
export const restXmlCodec: Codec = {
  decode(call) {
    const query = new URLSearchParams(call.request.query);
    const input: Record<string, unknown> = {};
    const bodyMembers: string[] = [];
    const schema = NormalizedSchema.of(call.api.operations[call.operation]?.[4] as never);
    if (!schema.isStructSchema()) return input;
    for (const [name, member] of schema.structIterator()) {
      const traits = member.getMergedTraits();
      const value = boundValue(call, query, name, member);
      if (value !== undefined) input[name] = value;
      else if (traits.httpPayload) input[name] = readPayload(call, member);
      else if (!isBound(traits)) bodyMembers.push(name);
    }
    if (bodyMembers.length > 0 && call.body?.length)
      Object.assign(input, readXml(schema, call.body));
    return input;
  },
  encode(call, output, requestId) {
    const operation = call.api.operations[call.operation];
    const schema = NormalizedSchema.of(operation?.[5] as never);
    const status = statusOf(operation);
    const headers = { ...s3Headers(requestId), ...headersOf(schema, output) };
    const response: WireResponse = { status, headers, body: undefined };
    if (!schema.isStructSchema()) return response;
    // A status code can be an output too: GetObject answers 206 for a range.
    for (const [name, member] of schema.structIterator()) {
      if (member.getMergedTraits().httpResponseCode && output[name])
        response.status = Number(output[name]);
    }
    if ('ContentRange' in output && output.ContentRange && status === 200) response.status = 206;
    writeBody(call, schema, output, response);
    return response;
  },
  encodeError(api, error, requestId) {
    const details = Object.entries(error.members).filter(
      ([k, v]) => /^[A-Z]/.test(k) && typeof v === 'string',
    );
    const members = details.map(([k, v]) => `<${k}>${escapeXml(v as string)}</${k}>`).join('');
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message>${members}<RequestId>${requestId}</RequestId><HostId>${api?.name ?? ''}</HostId></Error>`;
    const bodiless = error.status === 304;
    return {
      status: error.status,
      headers: {
        ...s3Headers(requestId),
        ...(bodiless ? {} : { 'content-type': 'application/xml' }),
      },
      body: bodiless ? undefined : body,
    };
  },
};

/** The status that the operation's HTTP trait says its success has. */
function statusOf(operation: StaticOperationSchema | undefined): number {
  const traits = operation?.[3] as { http?: [string, string, number] } | undefined;
  return traits?.http?.[2] ?? 200;
}

type Traits = ReturnType<NormalizedSchema['getMergedTraits']>;

function isBound(traits: Traits): boolean {
  return Boolean(
    traits.httpLabel ||
      traits.httpQuery ||
      traits.httpHeader ||
      traits.httpPrefixHeaders ||
      traits.httpQueryParams,
  );
}

function boundValue(
  call: Call,
  query: URLSearchParams,
  name: string,
  member: NormalizedSchema,
): unknown {
  const traits = member.getMergedTraits();
  const { headers } = call.request;
  if (traits.httpLabel) return call.labels?.[name];
  if (traits.httpQuery) {
    const all = query.getAll(traits.httpQuery as string);
    if (all.length === 0) return undefined;
    return member.isListSchema() ? all : fromHeader(member, all[0] ?? '');
  }
  if (traits.httpHeader) {
    const text = headers[(traits.httpHeader as string).toLowerCase()];
    return text === undefined ? undefined : fromHeader(member, text);
  }
  if (traits.httpPrefixHeaders !== undefined) {
    const prefix = (traits.httpPrefixHeaders as string).toLowerCase();
    const found = Object.entries(headers).filter(([h]) => h.startsWith(prefix));
    return found.length === 0
      ? undefined
      : Object.fromEntries(found.map(([h, v]) => [h.slice(prefix.length), v]));
  }
  return undefined;
}

function readPayload(call: Call, member: NormalizedSchema): unknown {
  if (member.isStreaming()) return call.request.body;
  if (!call.body || call.body.length === 0) return undefined;
  if (member.isBlobSchema()) return call.body;
  if (member.isStringSchema()) return Buffer.from(call.body).toString('utf8');
  return readXml(member, call.body);
}

function readXml(schema: NormalizedSchema, body: Uint8Array): Record<string, unknown> {
  // Entities of the sender's own: nobody needs them but who wants a small body to become a large one.
  if (Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes('<!DOCTYPE'))
    throw malformed();
  try {
    return xmlCodec('')
      .createDeserializer()
      .read(schema as never, body) as unknown as Record<string, unknown>;
  } catch {
    throw malformed();
  }
}

function malformed(): AwsError {
  return new AwsError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
    400,
  );
}

function writeBody(
  call: Call,
  schema: NormalizedSchema,
  output: Record<string, unknown>,
  response: WireResponse,
): void {
  const members = Object.entries(schema.getMemberSchemas());
  const payload = members.find(([, m]) => m.getMergedTraits().httpPayload);
  if (payload) {
    const [name, member] = payload;
    const value = output[name];
    if (value === undefined || value === null) return;
    if (member.isBlobSchema() || member.isStringSchema()) {
      response.body = value as Readable | Uint8Array | string;
      return;
    }
    writeXml(call, member, value as Record<string, unknown>, response);
    return;
  }
  const inBody = members.filter(
    ([, m]) => !isBound(m.getMergedTraits()) && !m.getMergedTraits().httpResponseCode,
  );
  if (inBody.length === 0) return;
  if (UNWRAPPED_OUTPUTS.has(call.operation)) {
    const [name] = inBody[0] ?? [''];
    const text = escapeXml(String(output[name] ?? ''));
    setXml(response, `<${name} xmlns="${call.api.xmlNamespace}">${text}</${name}>`);
    return;
  }
  const traits = schema.getMergedTraits();
  // AWS names the root after the shape where the model gives no name; clients do not look at it.
  const name = traits.xmlName ?? schema.getName()?.replace(/Output$/, 'Result') ?? 'Result';
  const bodySchema = [
    3,
    '',
    name,
    0,
    inBody.map(([n]) => n),
    inBody.map(([, m]) => [m.getSchema(), m.getMemberTraits()]),
  ];
  writeXml(call, NormalizedSchema.of(bodySchema as never), output, response);
}

function writeXml(
  call: Call,
  schema: NormalizedSchema,
  value: Record<string, unknown>,
  response: WireResponse,
): void {
  const serializer = xmlCodec(call.api.xmlNamespace ?? '').createSerializer();
  serializer.write(schema as never, value);
  setXml(response, String(serializer.flush()));
}

function setXml(response: WireResponse, xml: string): void {
  response.body = `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`;
  response.headers['content-type'] = 'application/xml';
}

function xmlCodec(xmlNamespace: string): XmlCodec {
  return new XmlCodec({
    xmlNamespace,
    serviceNamespace: '',
    timestampFormat: { default: RFC3339, useTrait: true },
    httpBindings: true,
  } as never);
}

function s3Headers(requestId: string): Record<string, string> {
  return { 'x-amz-request-id': requestId, 'x-amz-id-2': toText(requestId) };
}
