import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import * as iam from '@aws-sdk/client-iam';
import * as s3 from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { notHere } from './run.ts';
import { startServer, type TestServer } from './server.ts';

/** Browsers' uploads: forms whose policy somebody signed, to a real server. */

const Bucket = 'uploads';
/** Stands for the name that the file has with its sender. */
const FILE_NAME = '\u0024{filename}';
const LATER = new Date(Date.now() + 3_600_000).toISOString();

let server: TestServer;
let client: s3.S3Client;

beforeAll(async () => {
  server = await startServer();
  client = new s3.S3Client({ ...server.client, forcePathStyle: true });
  await client.send(new s3.CreateBucketCommand({ Bucket }));
}, 60_000);
afterAll(() => server?.stop());

type Fields = Record<string, string>;
type Key = Pick<TestServer, 'accessKeyId' | 'secretAccessKey'>;

/** Signs a form as Signature Version 4 has it: written after AWS's description, not with the server's code. */
function sign(
  fields: Fields,
  conditions: unknown[],
  key: Key = server,
  expiration = LATER,
): Fields {
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = [date.slice(0, 8), server.region, 's3', 'aws4_request'];
  const signing = {
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': [key.accessKeyId, ...scope].join('/'),
    'x-amz-date': date,
  };
  const own = Object.entries(signing).map(([name, value]) => ({ [name]: value }));
  const policy = Buffer.from(
    JSON.stringify({ expiration, conditions: [...conditions, ...own] }),
  ).toString('base64');
  const secret = scope.reduce<Buffer | string>(
    (last, text) => createHmac('sha256', last).update(text).digest(),
    `AWS4${key.secretAccessKey}`,
  );
  const signature = createHmac('sha256', secret).update(policy).digest('hex');
  return { ...fields, ...signing, policy, 'x-amz-signature': signature };
}

const anyKey = [{ bucket: Bucket }, ['starts-with', '$key', '']];

async function post(fields: Fields, content: string | Blob = 'content', headers: Fields = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([content]), 'my file.txt');
  return send(form, headers);
}

async function send(body: FormData | string, headers: Fields = {}) {
  const url = `${server.endpoint}/${Bucket}`;
  const response = await fetch(url, { method: 'POST', body, headers, redirect: 'manual' });
  const text = await response.text();
  const [, code] = /<Code>(\w+)<\/Code>/.exec(text) ?? [];
  return { status: response.status, headers: response.headers, text, code };
}

const stored = async (Key: string) => {
  const object = await client.send(new s3.GetObjectCommand({ Bucket, Key }));
  return { ...object, text: await object.Body?.transformToString() };
};
const isThere = (Key: string) =>
  client.send(new s3.HeadObjectCommand({ Bucket, Key })).then(
    () => true,
    () => false,
  );

describe('a signed form', () => {
  test('stores its file under the file’s own name, with what its fields say', async () => {
    const fields = {
      key: `in/${FILE_NAME}`,
      'Content-Type': 'text/plain; charset=utf-8',
      'x-amz-meta-who': 'me',
      'x-ignore-button': 'Upload',
    };
    const more = [
      { 'Content-Type': fields['Content-Type'] },
      ['starts-with', '$x-amz-meta-who', ''],
    ];
    const answer = await post(sign(fields, [...anyKey, ...more]), 'héllo');
    expect([answer.status, answer.text]).toEqual([204, '']);
    const object = await stored('in/my file.txt');
    expect(object).toMatchObject({
      text: 'héllo',
      ContentType: 'text/plain; charset=utf-8',
      Metadata: { who: 'me' },
      ETag: answer.headers.get('etag'),
    });
    expect(answer.headers.get('location')).toBe(`${server.endpoint}/${Bucket}/in%2Fmy%20file.txt`);
  });

  test.each([
    ['200', 200],
    ['201', 201],
    ['204', 204],
    ['999', 204],
  ])('is answered as success_action_status=%s asks', async (value, status) => {
    const fields = { key: 'a<b', success_action_status: value };
    const answer = await post(sign(fields, [...anyKey, { success_action_status: value }]));
    expect(answer.status).toBe(status);
    if (status !== 201) return;
    expect(answer.text).toContain(`<Bucket>${Bucket}</Bucket><Key>a&lt;b</Key><ETag>`);
  });

  test('leads on to where success_action_redirect says', async () => {
    const to = 'http://app.example/done?x=1';
    const fields = { key: 'a b', success_action_redirect: to };
    const { status, headers } = await post(
      sign(fields, [...anyKey, { success_action_redirect: to }]),
    );
    const target = new URL(headers.get('location') ?? '');
    expect([status, target.origin, Object.fromEntries(target.searchParams)]).toEqual([
      303,
      'http://app.example',
      { x: '1', bucket: Bucket, key: 'a b', etag: headers.get('etag') },
    ]);
  });

  test.each(['javascript:alert(1)', '/relative', 'http://x\r\nset-cookie: a=b'])(
    'does not lead on to %j',
    async (to) => {
      const fields = { key: 'k', success_action_redirect: to };
      const condition = ['starts-with', '$success_action_redirect', ''];
      const { status, headers } = await post(sign(fields, [...anyKey, condition]));
      expect([
        headers.has('set-cookie'),
        status === 204 || headers.get('location')?.startsWith('http://x'),
      ]).toEqual([false, true]);
    },
  );

  test('may come from a page of any site', async () => {
    const headers = { origin: 'http://app.example', 'sec-fetch-site': 'cross-site' };
    expect((await post(sign({ key: 'k' }, anyKey), 'x', headers)).status).toBe(204);
  });

  test('of 30 MB', async () => {
    const content = new Blob([Buffer.alloc(30 * 1024 * 1024, 'x')]);
    expect((await post(sign({ key: 'large' }, anyKey), content)).status).toBe(204);
    const head = await client.send(new s3.HeadObjectCommand({ Bucket, Key: 'large' }));
    expect(head.ContentLength).toBe(content.size);
  });
});

describe('what a form may not', () => {
  const bad = 'bad';
  const refusals: [
    string,
    () => Promise<{ status: number; code?: string | undefined; text: string }>,
    string,
  ][] = [
    ['come without a policy', () => post({ key: bad }), '403 AccessDenied'],
    [
      'be changed after it was signed',
      () =>
        post({
          ...sign({ key: bad }, anyKey),
          policy: Buffer.from(JSON.stringify({ expiration: LATER, conditions: [] })).toString(
            'base64',
          ),
        }),
      '403 SignatureDoesNotMatch',
    ],
    [
      'be signed with another secret',
      () => post(sign({ key: bad }, anyKey, { ...server, secretAccessKey: 'x' })),
      '403 SignatureDoesNotMatch',
    ],
    [
      'be signed by nobody',
      () => post(sign({ key: bad }, anyKey, { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' })),
      '403 InvalidAccessKeyId',
    ],
    [
      'be signed for another service',
      () => {
        const fields = sign({ key: bad }, anyKey);
        return post({
          ...fields,
          'x-amz-credential': fields['x-amz-credential']?.replace('/s3/', '/iam/') ?? '',
        });
      },
      '400 AuthorizationHeaderMalformed',
    ],
    [
      'have a credential that is none',
      () => post({ ...sign({ key: bad }, anyKey), 'x-amz-credential': 'x' }),
      '400 AuthorizationQueryParametersError',
    ],
    [
      'have another algorithm',
      () => post({ ...sign({ key: bad }, anyKey), 'x-amz-algorithm': 'NONE' }),
      '400 InvalidRequest',
    ],
    [
      'lack its signature',
      () => post({ ...sign({ key: bad }, anyKey), 'x-amz-signature': '' }),
      '400 InvalidArgument',
    ],
    [
      'be too late',
      () => post(sign({ key: bad }, anyKey, server, '2020-01-01T00:00:00Z')),
      '403 AccessDenied',
    ],
    [
      'go to another bucket than its policy says',
      () => post(sign({ key: bad }, [{ bucket: 'other' }, anyKey[1]])),
      '403 AccessDenied',
    ],
    [
      'say in a field which bucket it is for',
      () => post(sign({ key: bad, bucket: 'other' }, [{ bucket: 'other' }, anyKey[1]])),
      '403 AccessDenied',
    ],
    [
      'have a field that its policy does not name',
      () => post(sign({ key: bad, 'x-amz-meta-a': 'b' }, anyKey)),
      '403 AccessDenied',
    ],
    [
      'have a file name that leads out of its prefix',
      () => post(sign({ key: FILE_NAME }, [{ bucket: Bucket }, ['starts-with', '$key', 'user/']])),
      '403 AccessDenied',
    ],
    ['have no key', () => post(sign({}, anyKey)), '400 InvalidArgument'],
    [
      'have a key that is too long',
      () => post(sign({ key: 'k'.repeat(1025) }, anyKey)),
      '400 KeyTooLongError',
    ],
    [
      'have a policy that is none',
      () => {
        const policy = 'e30=';
        return post({ ...sign({ key: bad }, anyKey), policy });
      },
      '403 SignatureDoesNotMatch',
    ],
    [
      'be larger than its policy says',
      () => post(sign({ key: bad }, [...anyKey, ['content-length-range', 0, 3]]), 'four'),
      '400 EntityTooLarge',
    ],
    [
      'be smaller than its policy says',
      () => post(sign({ key: bad }, [...anyKey, ['content-length-range', 5, 9]]), 'four'),
      '400 EntityTooSmall',
    ],
    [
      'have a sum that is not its file’s',
      () =>
        post(
          sign({ key: bad, 'Content-MD5': 'AAAAAAAAAAAAAAAAAAAAAA==' }, [
            ...anyKey,
            ['starts-with', '$Content-MD5', ''],
          ]),
        ),
      '400 BadDigest',
    ],
    [
      'have a sum that is none',
      () =>
        post(
          sign({ key: bad, 'Content-MD5': 'x' }, [...anyKey, ['starts-with', '$Content-MD5', '']]),
        ),
      '400 InvalidDigest',
    ],
    [
      'have metadata that no header can be called',
      () =>
        post(
          sign({ key: bad, 'x-amz-meta-a b': 'x' }, [
            ...anyKey,
            ['starts-with', '$x-amz-meta-a b', ''],
          ]),
        ),
      '400 InvalidArgument',
    ],
    [
      'make its object public',
      () => post(sign({ key: bad, acl: 'public-read' }, [...anyKey, { acl: 'public-read' }])),
      '400 AccessControlListNotSupported',
    ],
    [
      'have tags, which is not built',
      () => post(sign({ key: bad, tagging: '<x/>' }, [...anyKey, { tagging: '<x/>' }])),
      '501 NotImplemented',
    ],
    ['be no form', () => send('x', { 'content-type': 'text/plain' }), '403 AccessDenied'],
    [
      'have a boundary that it does not keep to',
      () => send('--Y', { 'content-type': 'multipart/form-data; boundary=X' }),
      '400 MalformedPOSTRequest',
    ],
    [
      'have fields without end',
      () => post({ key: 'k'.repeat(30_000) }),
      '400 MaxPostPreDataLengthExceeded',
    ],
  ];
  test.each(refusals)('%s', async (_what, attempt, expected) => {
    const { status, code } = await attempt();
    expect(`${status} ${code}`).toBe(expected);
    expect(await isThere(bad)).toBe(false);
  });

  test('what its signer may not', async () => {
    const users = new iam.IAMClient(server.client);
    await users.send(new iam.CreateUserCommand({ UserName: 'nobody' }));
    const { AccessKey } = await users.send(new iam.CreateAccessKeyCommand({ UserName: 'nobody' }));
    const key = {
      accessKeyId: AccessKey?.AccessKeyId ?? '',
      secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    };
    const answer = await post(sign({ key: bad }, anyKey, key));
    expect([answer.status, answer.code]).toEqual([403, 'AccessDenied']);
    expect(answer.text).toContain('s3:PutObject');
  });

  test('leave anything when its sender goes away', async () => {
    const fields = sign({ key: bad }, anyKey);
    const parts = Object.entries(fields).map(
      ([n, v]) => `--X\r\nContent-Disposition: form-data; name="${n}"\r\n\r\n${v}\r\n`,
    );
    const body = `${parts.join('')}--X\r\nContent-Disposition: form-data; name="file"\r\n\r\nhalf`;
    const { hostname, port } = new URL(server.endpoint);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        const head = `POST /${Bucket} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: multipart/form-data; boundary=X\r\nContent-Length: 100000\r\n\r\n`;
        socket.write(head + body, () => socket.destroy());
      });
      socket.on('close', () => resolve());
    });
    expect((await post(sign({ key: 'next' }, anyKey))).status).toBe(204);
    expect(await isThere(bad)).toBe(false);
    expect(server.log()).toBe('');
  });
});

const PRESIGN = `
import json, sys
try:
    import botocore.session as session, botocore.config as config
    versions = ['s3v4', 's3']
except ImportError:
    import awscli.botocore.session as session, awscli.botocore.config as config
    versions = ['s3v4']
endpoint, region, key, secret, version = sys.argv[1:]
if version not in versions:
    print('null')
    sys.exit()
client = session.get_session().create_client('s3', region_name=region, endpoint_url=endpoint, aws_access_key_id=key, aws_secret_access_key=secret, config=config.Config(signature_version=version, s3={'addressing_style': 'path'}))
conditions = [{'acl': 'private'}, ['content-length-range', 1, 100]]
print(json.dumps(client.generate_presigned_post('${Bucket}', 'botocore/\${filename}', Fields={'acl': 'private'}, Conditions=conditions)))
`;
const hasBotocore =
  spawnSync('python3', [
    '-c',
    'try:\n import botocore\nexcept ImportError:\n import awscli.botocore',
  ]).status === 0;
const noBotocore = hasBotocore ? false : notHere('botocore');

test.skipIf(noBotocore)(
  'a form that botocore presigned, by Version 4 and by Version 2',
  async () => {
    for (const version of ['s3v4', 's3']) {
      const { endpoint, region, accessKeyId, secretAccessKey } = server;
      const args = ['-c', PRESIGN, endpoint, region, accessKeyId, secretAccessKey, version];
      const made = spawnSync('python3', args, { encoding: 'utf8' });
      const presigned = JSON.parse(made.stdout);
      // The botocore of the aws command 2 signs by Version 4 only.
      if (presigned === null) continue;
      const { url, fields } = presigned;
      expect(new URL(url).pathname).toBe(`/${Bucket}`);
      expect(await post(fields, version)).toMatchObject({ status: 204 });
      expect((await stored('botocore/my file.txt')).text).toBe(version);
      expect(await post(fields, '')).toMatchObject({ code: 'EntityTooSmall' });
      expect(await post({ ...fields, acl: 'public-read' })).toMatchObject({ code: 'AccessDenied' });
    }
  },
);
