import { XmlCodec } from '@aws-sdk/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../errors.ts';
import type { WireRequest } from '../http.ts';
import { part } from './part.ts';
import { type Api, type Call, operationSchema, type Protocol } from './protocol.ts';
import { escapeXml } from './xml-text.ts';

const RFC3339 = 5 as const;

/** A form as a tree: `Tags.member.1.Key=a` becomes `{Tags: {member: {1: {Key: 'a'}}}}`; a leaf is text. */
type Form = { [name: string]: Form | string };

/** What a Query call says of itself. */
export interface QueryCall {
  action: string;
  version: string | undefined;
}

/** The AWS query protocol: a form in, XML out. */
export const query: Protocol = {
  name: 'query',
  dialect: 'query',
  invalid: 'ValidationError',
  streams: false,
  statuses: 'modelled',
  recognises: isForm,
  operation: queryOperation,
  decode: (call) => readForm(call, QUERY_NAMES),
  encode({ api, operation }, output, requestId) {
    const result = resultXml(api, operation, output);
    const body = `<${operation}Response xmlns="${api.xmlNamespace}">${result}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`;
    return { status: 200, headers: xmlHeaders(requestId), body };
  },
  encodeError(api, error, requestId) {
    const body = `<ErrorResponse xmlns="${api?.xmlNamespace ?? FAULT_NAMESPACE}"><Error><Type>${error.fault}</Type><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
    return { status: error.status, headers: xmlHeaders(requestId), body };
  },
};

/** A form in the body, or in the address. */
export function isForm({ headers, query: text }: WireRequest): boolean {
  const form = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  return form || /(?:^|&)Action=/.test(text);
}

/** What a form in the body, or in the address, says of itself; it may lack its action. */
export function queryCall(
  { query: text }: Pick<WireRequest, 'query'>,
  body: Uint8Array | undefined,
): QueryCall {
  const form = new URLSearchParams(body?.length ? Buffer.from(body).toString('utf8') : text);
  return { action: form.get('Action') ?? '', version: form.get('Version') ?? undefined };
}

export function queryOperation(
  api: Api,
  request: WireRequest,
  body: Uint8Array | undefined,
): { operation: string } {
  const call = queryCall(request, body);
  const { action: operation, version } = call;
  if (operation === '') throw new AwsError('MissingAction', 'Could not find operation.', 400);
  if (
    !Object.hasOwn(api.operations, operation) ||
    (version !== undefined && version !== api.version)
  ) {
    throw invalidAction(call);
  }
  return { operation };
}

/** Of errors that no API gave. */
const FAULT_NAMESPACE = 'http://webservices.amazon.com/AWSFault/2005-15-09';

/** What the Query protocol answers to a call that no service has. */
export function invalidAction({ action, version = 'NO_VERSION_SPECIFIED' }: QueryCall): AwsError {
  return new AwsError('InvalidAction', `Could not find operation ${action} for version ${version}`);
}

export function xmlHeaders(requestId: string): Record<string, string> {
  return { 'content-type': 'text/xml', 'x-amzn-requestid': requestId };
}

/** The output as the element that holds it. */
function resultXml(api: Api, operation: string, output: Record<string, unknown>): string {
  const schema = NormalizedSchema.of(operationSchema(api, operation)[5]);
  // An output without members has its element all the same (UpdateRole): botocore cannot do without. No output has none.
  if (!schema.isStructSchema()) return '';
  if (Object.keys(schema.getMemberSchemas()).length === 0) return `<${operation}Result/>`;
  return outputXml(part(schema, `${operation}Result`), output);
}

/** A structure as an element that is called as it is. */
export function outputXml(schema: NormalizedSchema, output: Record<string, unknown>): string {
  const codec = new XmlCodec({
    xmlNamespace: '',
    serviceNamespace: '',
    timestampFormat: { default: RFC3339, useTrait: true },
  } as never);
  const serializer = codec.createSerializer();
  serializer.write(schema, output);
  return String(serializer.flush());
}

/** How the fields of a form are called after members. */
export interface FormNames {
  member(name: string, traits: ReturnType<NormalizedSchema['getMergedTraits']>): string;
  /** Lists have their numbers right behind their names, whatever their traits say. */
  flat: boolean;
}

const QUERY_NAMES: FormNames = { member: (name, { xmlName }) => xmlName ?? name, flat: false };

/** The input that a form has. */
export function readForm(
  { api, operation, request, body }: Call,
  names: FormNames,
): Record<string, unknown> {
  const text = body && body.length > 0 ? Buffer.from(body).toString('utf8') : request.query;
  return readStruct(NormalizedSchema.of(operationSchema(api, operation)[4]), formTree(text), names);
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

function readStruct(
  schema: NormalizedSchema,
  form: Form,
  names: FormNames,
): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  if (!schema.isStructSchema()) return out;
  for (const [name, member] of schema.structIterator()) {
    const node = form[names.member(name, member.getMergedTraits())];
    if (node !== undefined) out[name] = readValue(member, node, names);
  }
  return out;
}

function readValue(schema: NormalizedSchema, node: Form | string, names: FormNames): unknown {
  if (schema.isStructSchema()) return readStruct(schema, asForm(node), names);
  if (schema.isListSchema()) return readList(schema, node, names);
  if (schema.isMapSchema()) return readMap(schema, asForm(node), names);
  if (typeof node !== 'string') throw malformed('Unexpected structure for a simple value');
  if (schema.isBooleanSchema()) return readBoolean(node);
  if (schema.isTimestampSchema()) return readDate(node);
  if (schema.isBlobSchema()) return Buffer.from(node, 'base64');
  if (schema.isNumericSchema()) return readNumber(node);
  return node;
}

function readList(schema: NormalizedSchema, node: Form | string, names: FormNames): unknown[] {
  // An empty list is sent as `Name=`.
  if (node === '') return [];
  const form = asForm(node);
  const element = schema.getValueSchema();
  const flat = names.flat || schema.getMergedTraits().xmlFlattened;
  const items = flat ? form : asForm(form[element.getMergedTraits().xmlName ?? 'member'] ?? {});
  return inOrder(items).map((item) => readValue(element, item, names));
}

function readMap(schema: NormalizedSchema, form: Form, names: FormNames): Record<string, unknown> {
  const entries = schema.getMergedTraits().xmlFlattened ? form : asForm(form.entry ?? {});
  const keyName = schema.getKeySchema().getMergedTraits().xmlName ?? 'key';
  const valueName = schema.getValueSchema().getMergedTraits().xmlName ?? 'value';
  const pairs = inOrder(entries).map((entry) => {
    const pair = asForm(entry);
    const value = readValue(schema.getValueSchema(), pair[valueName] ?? '', names);
    return [String(pair[keyName] ?? ''), value];
  });
  return Object.fromEntries(pairs);
}

function inOrder(form: Form): (Form | string)[] {
  const items = Object.entries(form);
  // Two spellings of one number would be two items.
  const wrong = items.find(([index]) => !/^(0|[1-9][0-9]{0,8})$/.test(index));
  if (wrong) throw malformed(`${wrong[0]} is not a valid index`);
  return items.sort(([a], [b]) => Number(a) - Number(b)).map(([, item]) => item);
}

function asForm(node: Form | string): Form {
  // So botocore sends a structure without members.
  if (node === '') return {};
  if (typeof node === 'string') throw malformed('Unexpected simple value for a structure');
  return node;
}

function readBoolean(text: string): boolean {
  const word = text.toLowerCase();
  if (word !== 'true' && word !== 'false') throw malformed(`${text} is not a valid boolean`);
  return word === 'true';
}

/** In decimal notation: JavaScript would also take 0x10, 1e3 and blanks. Whether it must be whole is in the contract. */
/** Schemas do not tell whole numbers from others: an exponent is taken as clients write those of others, `1e-5` and `1.0E10`. */
const NUMBER =
  /^[+-]?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-][0-9]{1,3})?$|^[+-]?[0-9]{1,30}\.[0-9]{1,30}[eE][0-9]{1,3}$/;

function readNumber(text: string): number {
  if (!NUMBER.test(text)) throw malformed(`${text} is not a valid number`);
  return Number(text);
}

function readDate(text: string): Date {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}|^[0-9.]+$/.test(text))
    throw malformed(`${text} is not a valid timestamp`);
  const date = /^[0-9.]+$/.test(text) ? new Date(Number(text) * 1000) : new Date(text);
  if (Number.isNaN(date.getTime())) throw malformed(`${text} is not a valid timestamp`);
  return date;
}

function malformed(message: string): AwsError {
  return new AwsError('MalformedInput', message, 400);
}
