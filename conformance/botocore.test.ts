import { Readable } from 'node:stream';
import * as iam from '@aws-sdk/client-iam';
import * as sts from '@aws-sdk/client-sts';
import { expect, test } from 'vitest';
import { apiOf } from '../src/aws/api.ts';
import { query } from '../src/aws/protocols/query.ts';
import { missing, succeed } from './run.ts';

/** Whether botocore's own parsers read what the server writes: the aws command and boto3 stand on them. */
const PARSE = `
import json, sys
try:
    from botocore import parsers, session
except ImportError:
    from awscli.botocore import parsers, session
loaded = {name: session.get_session().get_service_model(name) for name in ('iam', 'sts')}
wrong = []
known = 0
for line in sys.stdin:
    service, operation, body = json.loads(line)
    model = loaded[service]
    if operation not in model.operation_names:
        continue
    known += 1
    shape = model.operation_model(operation).output_shape
    try:
        parsed = parsers.create_parser('query').parse({'status_code': 200, 'headers': {}, 'body': body.encode()}, shape)
        if parsed['ResponseMetadata']['RequestId'] != 'id':
            wrong.append([operation, 'no request id'])
    except Exception as error:
        wrong.append([operation, repr(error)])
print(json.dumps([known, wrong]))
`;
const noBotocore = missing(
  'python3',
  '-c',
  'try:\n import botocore\nexcept ImportError:\n import awscli.botocore',
);

test.skipIf(noBotocore)('an answer without members of each IAM and STS operation', async () => {
  const lines = [iam, sts].flatMap((client) => {
    const api = apiOf(client);
    return Object.keys(api.operations).map((operation) => {
      const request = {
        method: 'POST',
        path: '/',
        query: '',
        headers: {},
        body: Readable.from([]),
      };
      const from = { ...request, endpoint: '', remoteAddress: '' };
      const call = { api, protocol: query, operation, request: from };
      return JSON.stringify([api.name, operation, query.encode(call, {}, 'id').body]);
    });
  });
  const printed = await succeed('python3', ['-c', PARSE], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    input: lines.join('\n'),
  });
  const [known, wrong] = JSON.parse(printed);
  expect(wrong).toEqual([]);
  expect(known).toBeGreaterThan(150);
});
