import { XmlCodec } from '@aws-sdk/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import type { Api } from '../api.ts';
import { AwsError } from '../errors.ts';
import type { Codec } from './codec.ts';
import { escapeXml } from './xml-text.ts';

const RFC3339 = 5 as const;

/** A form as a tree: `Tags.member.1.Key=a` becomes `{Tags: {member: {1: {Key: 'a'}}}}`; a leaf is text. */
type Form = { [name: string]: Form | string };

/** The AWS query protocol: a form in, XML out. */
export const queryCodec: Codec = {
  decode({ api, operation, request, body }) {
    const text = body && body.length > 0 ? Buffer.from(body).toString('utf8') : request.query;
    return readStruct(NormalizedSchema.of(inputSchema(api, operation)), formTree(text));
  },
  encode({ api, operation }, output, requestId) {
    const result = resultXml(api, operation, output);
    const body = `<${operation}Response xmlns="${api.xmlNamespace}">${result}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`;
    return { status: 200, headers: xmlHeaders(requestId), body };
  },
  encodeError(api, error, requestId) {
    const body = `<ErrorResponse xmlns="${api?.xmlNamespace ?? ''}"><Error><Type>${error.fault}</Type><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
    return { status: error.status, headers: xmlHeaders(requestId), body };
  },
};

function xmlHeaders(requestId: string): Record<string, string> {
  return { 'content-type': 'text/xml', 'x-amzn-requestid': requestId };
}

function inputSchema(api: Api, operation: string): never {
  return api.operations[operation]?.[4] as never;
}

function resultXml(api: Api, operation: string, output: Record<string, unknown>): string {
  const schema = NormalizedSchema.of(api.operations[operation]?.[5] as never);
  // An output without members has its element all the same (UpdateRole): botocore cannot do without. No output has none.
  if (!schema.isStructSchema()) return '';
  if (Object.keys(schema.getMemberSchemas()).length === 0) return `<${operation}Result/>`;
  const codec = new XmlCodec({
    xmlNamespace: '',
    serviceNamespace: '',
    timestampFormat: { default: RFC3339, useTrait: true },
  } as never);
  const serializer = codec.createSerializer();
  // The result element is named after the operation, whatever the output shape is called.
  serializer.write(renamed(schema, `${operation}Result`), output);
  return String(serializer.flush());
}

/** The same structure under another element name. */
export function renamed(schema: NormalizedSchema, name: string): never {
  const members = Object.entries(schema.getMemberSchemas());
  return [
    3,
    '',
    name,
    0,
    members.map(([n]) => n),
    members.map(([, m]) => [m.getSchema(), m.getMemberTraits()]),
  ] as never;
}

/** Splits a form into a tree by the dots of its names. Later values of one name win. */
export function formTree(text: string): Form {
  const root: Form = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    const path = name.split('.');
    let node = root;
    for (const step of path.slice(0, -1)) {
      const next = node[step];
      if (typeof next === 'object') node = next;
      else node = node[step] = Object.create(null) as Form;
    }
    node[path.at(-1) ?? ''] = value;
  }
  return root;
}

function readStruct(schema: NormalizedSchema, form: Form): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  if (!schema.isStructSchema()) return out;
  for (const [name, member] of schema.structIterator()) {
    const node = form[member.getMergedTraits().xmlName ?? name];
    if (node !== undefined) out[name] = readValue(member, node);
  }
  return out;
}

function readValue(schema: NormalizedSchema, node: Form | string): unknown {
  if (schema.isStructSchema()) return readStruct(schema, asForm(node));
  if (schema.isListSchema()) return readList(schema, node);
  if (schema.isMapSchema()) return readMap(schema, asForm(node));
  if (typeof node !== 'string') throw malformed('Unexpected structure for a simple value');
  if (schema.isBooleanSchema()) return node.toLowerCase() === 'true';
  if (schema.isTimestampSchema()) return readDate(node);
  if (schema.isBlobSchema()) return Buffer.from(node, 'base64');
  if (schema.isNumericSchema()) return readNumber(node);
  return node;
}

function readList(schema: NormalizedSchema, node: Form | string): unknown[] {
  // An empty list is sent as `Name=`.
  if (node === '') return [];
  const form = asForm(node);
  const element = schema.getValueSchema();
  const flat = schema.getMergedTraits().xmlFlattened;
  const items = flat ? form : asForm(form[element.getMergedTraits().xmlName ?? 'member'] ?? {});
  return inOrder(items).map((item) => readValue(element, item));
}

function readMap(schema: NormalizedSchema, form: Form): Record<string, unknown> {
  const entries = schema.getMergedTraits().xmlFlattened ? form : asForm(form.entry ?? {});
  const keyName = schema.getKeySchema().getMergedTraits().xmlName ?? 'key';
  const valueName = schema.getValueSchema().getMergedTraits().xmlName ?? 'value';
  const pairs = inOrder(entries).map((entry) => {
    const pair = asForm(entry);
    return [String(pair[keyName] ?? ''), readValue(schema.getValueSchema(), pair[valueName] ?? '')];
  });
  return Object.fromEntries(pairs);
}

function inOrder(form: Form): (Form | string)[] {
  const numbered = Object.entries(form).filter(([index]) => /^[0-9]+$/.test(index));
  return numbered.sort(([a], [b]) => Number(a) - Number(b)).map(([, item]) => item);
}

function asForm(node: Form | string): Form {
  if (typeof node === 'string') throw malformed('Unexpected simple value for a structure');
  return node;
}

function readNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || Number.isNaN(number)) throw malformed(`${text} is not a valid number`);
  return number;
}

function readDate(text: string): Date {
  const date = /^[0-9.]+$/.test(text) ? new Date(Number(text) * 1000) : new Date(text);
  if (Number.isNaN(date.getTime())) throw malformed(`${text} is not a valid timestamp`);
  return date;
}

function malformed(message: string): AwsError {
  return new AwsError('MalformedInput', message, 400);
}
