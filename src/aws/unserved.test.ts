import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { Api } from './api.ts';
import type { WireRequest } from './http.ts';
import { restXml } from './protocols/rest-xml.ts';
import { errorProtocol } from './unserved.ts';
import { unsignedRestService } from './unsigned-rest.ts';

const s3: Api = {
  ...{ name: 's3', protocols: [restXml({ dialect: 's3' })], operations: {}, errors: {} },
  anonymous: true,
};
const FORM = 'application/x-www-form-urlencoded';

function refusal(service: string, headers: Record<string, string> = {}) {
  const scope = `AKIA/20260101/us-east-1/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`;
  const request: WireRequest = {
    method: 'POST',
    path: '/',
    query: '',
    headers: { authorization, ...headers },
    body: Readable.from([]),
    endpoint: '',
    remoteAddress: '',
  };
  const error = {
    code: 'Code',
    message: 'a < b',
    status: 501,
    fault: 'Receiver',
    members: {},
  } as const;
  return errorProtocol(request, [s3]).encodeError(undefined, error, 'id');
}

test.each([
  ['lambda', {}],
  ['ses', {}],
  ['ecr', { 'content-type': 'application/x-amz-json-1.1' }],
  ['sns', { 'x-amz-target': 'Any.Thing' }],
])('%s: JSON', (service, headers) => {
  const { body, headers: sent } = refusal(service, headers);
  expect(JSON.parse(String(body))).toMatchObject({ __type: 'Code', message: 'a < b' });
  expect(sent['x-amzn-errortype']).toBe('Code');
});

test.each([
  ['sns', { 'content-type': FORM }],
  ['sqs', { 'content-type': FORM }],
  ['cloudformation', { 'content-type': FORM }],
  ['route53', {}],
])('%s: XML as Query services have it', (service, headers) => {
  expect(String(refusal(service, headers).body)).toContain(
    '<Error><Type>Receiver</Type><Code>Code</Code><Message>a &lt; b</Message></Error>',
  );
});

test('ec2 has XML of its own', () => {
  expect(String(refusal('ec2', { 'content-type': FORM }).body)).toContain(
    '<Response><Errors><Error><Code>Code</Code><Message>a &lt; b</Message></Error></Errors><RequestID>',
  );
});

test('CBOR', () => {
  const { headers } = refusal('monitoring', { 'smithy-protocol': 'rpc-v2-cbor' });
  expect(headers['content-type']).toBe('application/cbor');
});

test.each([
  ['an upload to S3', { method: 'PUT', path: '/b/k', query: '', type: 'application/json' }],
  ['an operation of S3', { method: 'POST', path: '/b', query: 'delete', type: 'application/json' }],
  ['a form', { method: 'POST', path: '/b', query: '', type: 'multipart/form-data; boundary=x' }],
])('%s is none', (_what, { type, ...asked }) => {
  expect(unsignedRestService({ ...asked, headers: { 'content-type': type } })).toBeUndefined();
});
