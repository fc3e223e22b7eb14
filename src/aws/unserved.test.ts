import { spawnSync } from 'node:child_process';
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

const PROTOCOLS = `
import json
try:
    from botocore import session
except ImportError:
    from awscli.botocore import session
session = session.get_session()
models = [session.get_service_model(name).metadata for name in session.get_available_services()]
print(json.dumps([[m.get('signingName', m['endpointPrefix']), m['protocol']] for m in models]))
`;
const UNSIGNED = `
unsigned = []
for name in session.get_available_services():
    model = session.get_service_model(name)
    if model.metadata['protocol'] == 'rest-json':
        for operation in map(model.operation_model, model.operation_names):
            if operation.auth_type == 'none':
                unsigned.append([name, operation.http['method'], operation.http['requestUri']])
print(json.dumps(unsigned))
`;
const botocore = spawnSync('python3', ['-c', PROTOCOLS], { encoding: 'utf8' });

test.skipIf(botocore.status !== 0)(
  'each service that botocore knows is answered in its protocol',
  () => {
    const wrong = (JSON.parse(botocore.stdout) as [string, string][]).filter(
      ([service, protocol]) => {
        const form: Record<string, string> = /query|ec2/.test(protocol)
          ? { 'content-type': FORM }
          : {};
        const xml = String(refusal(service, form).body).startsWith('<');
        return protocol !== 'smithy-rpc-v2-cbor' && xml !== /query|xml|ec2/.test(protocol);
      },
    );
    expect(wrong).toEqual([]);
  },
);

test.skipIf(botocore.status !== 0)(
  'each REST-JSON call without a signature is told by its service',
  () => {
    const listed = spawnSync('python3', ['-c', PROTOCOLS + UNSIGNED], { encoding: 'utf8' });
    const calls = JSON.parse(listed.stdout.split('\n')[1] ?? '') as [string, string, string][];
    const wrong = calls.filter(([service, method, path]) => {
      const type = { 'content-type': 'application/json' };
      const headers: Record<string, string> =
        service === 'sso' ? { 'x-amz-sso_bearer_token': 'x' } : type;
      return unsignedRestService({ method, path, query: '', headers }) !== service;
    });
    expect(wrong).toEqual([]);
  },
);

test.each([
  ['an upload to S3', { method: 'PUT', path: '/b/k', query: '', type: 'application/json' }],
  ['an operation of S3', { method: 'POST', path: '/b', query: 'delete', type: 'application/json' }],
  ['a form', { method: 'POST', path: '/b', query: '', type: 'multipart/form-data; boundary=x' }],
])('%s is none', (_what, { type, ...asked }) => {
  expect(unsignedRestService({ ...asked, headers: { 'content-type': type } })).toBeUndefined();
});
