import { XmlCodec } from '@aws-sdk/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../errors.ts';
import type { WireRequest, WireResponse } from '../http.ts';
import type { Api, Call, ErrorDocument, Protocol } from './protocol.ts';
import { query } from './query.ts';
import { type RestBody, readRest, restOperation, writeRest } from './rest.ts';

const RFC3339 = 5 as const;

/** What an API that speaks REST-XML may have of its own. */
export interface RestXmlForm {
  dialect?: Protocol['dialect'];
  /** Of every answer. */
  headers?(requestId: string): Record<string, string>;
  /** What answers a request that no operation has. */
  unknown?(api: Api, request: WireRequest): AwsError;
  /** Changes an answer that is written. */
  encoded?(call: Call, output: Record<string, unknown>, response: WireResponse): void;
  encodeError?: Protocol['encodeError'];
}

/** REST-XML: members are spread over path, query, headers and a body of XML; errors are as Query has them. */
export function restXml(form: RestXmlForm = {}): Protocol {
  const headers = form.headers ?? ((id) => ({ 'x-amzn-requestid': id }));
  return {
    name: 'rest-xml',
    dialect: form.dialect ?? 'query',
    invalid: 'InvalidInput',
    streams: true,
    statuses: 'modelled',
    recognises: () => true,
    operation(api, request) {
      const found = restOperation(api, request);
      if (!found) throw form.unknown?.(api, request) ?? unknownOperation();
      return found;
    },
    decode: (call) => readRest(call, BODY),
    encode(call, output, requestId) {
      const response = writeRest(call, output, headers(requestId), BODY);
      form.encoded?.(call, output, response);
      return response;
    },
    encodeError:
      form.encodeError ??
      ((api: Api | undefined, error: ErrorDocument, id: string) =>
        query.encodeError(api, error, id)),
  };
}

function unknownOperation(): AwsError {
  return new AwsError('UnknownOperationException', 'No such operation.', 404);
}

const BODY: RestBody = {
  read: (_api, schema, body) => readXml(schema, body),
  write(api, schema, value) {
    const serializer = xmlCodec(api.xmlNamespace ?? '').createSerializer();
    serializer.write(schema as never, value);
    return xmlDocument(String(serializer.flush()));
  },
  contentType: 'application/xml',
  events: { codec: xmlCodec(''), contentType: 'text/xml', initial: false },
  malformed: (sentence) => new AwsError('InvalidArgument', sentence, 400),
};

export function xmlDocument(element: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element}`;
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

function xmlCodec(xmlNamespace: string): XmlCodec {
  return new XmlCodec({
    xmlNamespace,
    serviceNamespace: '',
    timestampFormat: { default: RFC3339, useTrait: true },
    httpBindings: true,
  } as never);
}
