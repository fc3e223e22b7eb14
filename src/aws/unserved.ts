import { randomUUID } from 'node:crypto';
import { ownValue } from '../lib/own.ts';
import type { ApiFace } from './api.ts';
import type { AuthFailure } from './auth/failure.ts';
import type { AwsError } from './errors.ts';
import type { WireRequest, WireResponse } from './http.ts';
import { describeError } from './protocols/describe-error.ts';
import { ec2Query } from './protocols/ec2-query.ts';
import { json11 } from './protocols/json.ts';
import type { Protocol } from './protocols/protocol.ts';
import { isForm, query } from './protocols/query.ts';
import { restXml } from './protocols/rest-xml.ts';
import { rpcV2Cbor } from './protocols/rpc-v2-cbor.ts';
import { scopeOf } from './router.ts';
import { unsignedRestService } from './unsigned-rest.ts';

type ErrorProtocol = Pick<Protocol, 'encodeError' | 'dialect' | 'statuses'>;

/** JSON without a version, which the clients of REST-JSON read too. */
const json: ErrorProtocol = {
  dialect: 'json',
  statuses: 'by-fault',
  encodeError(...error) {
    const response = json11.encodeError(...error);
    return { ...response, headers: { ...response.headers, 'content-type': 'application/json' } };
  },
};

/** Services, by signing name, whose requests do not tell how they read errors (botocore's models; unserved.test.ts compares). */
const SILENT: Record<string, ErrorProtocol> = {
  cloudfront: restXml(),
  route53: restXml(),
};
/** The only service of whose forms the errors are read otherwise. */
const EC2 = 'ec2';

/**
 * How the sender of a request that got to no API reads errors: the client of a service that is not here, or of one that
 * can only be guessed.
 */
export function errorProtocol(request: WireRequest, apis: readonly ApiFace[]): ErrorProtocol {
  const { headers } = request;
  if (rpcV2Cbor.recognises(request)) return rpcV2Cbor;
  const type = headers['content-type'] ?? '';
  if (json11.recognises(request) || type.includes('json')) return json;
  const service = scopeOf(request)?.service;
  if (service === undefined && unsignedRestService(request) !== undefined) return json;
  if (isForm(request)) return service === EC2 ? ec2Query : query;
  const own = apis.find((api) => (service === undefined ? api.anonymous : api.name === service));
  return own?.protocols[0] ?? ownValue(SILENT, service ?? '') ?? json;
}

/** Why a request gets to no API, as its sender reads it. */
export function refusedUnserved(
  request: WireRequest,
  apis: readonly ApiFace[],
  why: AwsError | AuthFailure,
): { code: string; message: string; answer: WireResponse } {
  const protocol = errorProtocol(request, apis);
  const document = describeError(undefined, why, protocol);
  if (document.code === 'AccessDenied' && protocol.dialect === 'json')
    document.code = 'AccessDeniedException';
  const answer = protocol.encodeError(undefined, document, randomUUID());
  if (request.method === 'HEAD') answer.body = undefined;
  return { code: document.code, message: document.message, answer };
}
