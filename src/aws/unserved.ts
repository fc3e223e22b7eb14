import { cbor } from '@smithy/core/cbor';
import type { Protocol } from './api.ts';
import type { WireRequest } from './http.ts';
import type { Codec } from './protocols/codec.ts';
import { jsonCodec } from './protocols/json.ts';
import { queryCodec } from './protocols/query.ts';
import { restXmlCodec } from './protocols/rest-xml.ts';
import { escapeXml } from './protocols/xml-text.ts';
import { scopeOf } from './router.ts';

type ErrorCodec = Pick<Codec, 'encodeError'> & { protocol: Protocol };

/** Services, by signing name, whose REST clients read XML (botocore's models; unserved.test.ts compares). */
const XML_SERVICES = ['cloudfront', 'route53'];

const json: ErrorCodec = {
  protocol: 'json1.1',
  encodeError(...error) {
    const response = jsonCodec('1.1').encodeError(...error);
    return { ...response, headers: { ...response.headers, 'content-type': 'application/json' } };
  },
};

const query: ErrorCodec = { protocol: 'query', encodeError: queryCodec.encodeError };
const s3: ErrorCodec = { protocol: 'rest-xml', encodeError: restXmlCodec.encodeError };

const ec2: ErrorCodec = {
  protocol: 'query',
  encodeError(_api, { code, message, status }, requestId) {
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`;
    return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body };
  },
};

const rpcCbor: ErrorCodec = {
  protocol: 'json1.1',
  encodeError(_api, { code, message, status }, requestId) {
    const headers = {
      'content-type': 'application/cbor',
      'smithy-protocol': 'rpc-v2-cbor',
      'x-amzn-requestid': requestId,
    };
    return { status, headers, body: cbor.serialize({ __type: code, message }) };
  },
};

/** How the client of a service that is not here, or of none that can be told, reads errors. */
export function unservedCodec(request: WireRequest): ErrorCodec {
  const { headers } = request;
  if (headers['smithy-protocol'] === 'rpc-v2-cbor') return rpcCbor;
  const type = headers['content-type'] ?? '';
  if (headers['x-amz-target'] !== undefined || type.includes('json')) return json;
  const service = scopeOf(request)?.service;
  if (service === 'ec2') return ec2;
  const form =
    type.startsWith('application/x-www-form-urlencoded') || /(?:^|&)Action=/.test(request.query);
  if (form || XML_SERVICES.includes(service ?? '')) return query;
  return service === undefined || service === 's3' ? s3 : json;
}
