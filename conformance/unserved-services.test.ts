import { spawnSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { Api } from '../src/aws/api.ts';
import { restXml } from '../src/aws/protocols/rest-xml.ts';
import { errorProtocol } from '../src/aws/unserved.ts';
import { unsignedRestService } from '../src/aws/unsigned-rest.ts';

// Services that are not here are refused in the form that their clients read: all that botocore knows.

const s3: Api = {
  ...{ name: 's3', protocols: [restXml({ dialect: 's3' })], operations: {}, errors: {} },
  anonymous: true,
};

function refusal(service: string, headers: Record<string, string>): string {
  const scope = `AKIA/20260101/us-east-1/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`;
  const request = {
    ...{ method: 'POST', path: '/', query: '', headers: { authorization, ...headers } },
    ...{ body: Readable.from([]), endpoint: '', remoteAddress: '' },
  };
  const error = {
    code: 'Code',
    message: 'no',
    status: 501,
    fault: 'Receiver',
    members: {},
  } as const;
  return String(errorProtocol(request, [s3]).encodeError(undefined, error, 'id').body);
}

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
          ? { 'content-type': 'application/x-www-form-urlencoded' }
          : {};
        const xml = refusal(service, form).startsWith('<');
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
