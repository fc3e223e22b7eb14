import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WireRequest } from '../http.ts';
import { type AuthenticateOptions, authenticate, peekScope } from './authenticate.ts';
import { AuthFailure, authError } from './failure.ts';
import { accessKey, sdkSigner, signedRequest, storeOf, wire } from './testing.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const minutes = (n: number) => new Date(NOW.getTime() + n * 60_000);

function options(overrides: Partial<AuthenticateOptions> = {}): AuthenticateOptions {
  return {
    credentials: storeOf(accessKey()),
    now: NOW,
    mode: 'strict',
    defaults: { accountId: '000000000000', region: 'eu-west-1' },
    ...overrides,
  };
}

/** Authenticates and reads the body, as the dispatcher does. @returns the kind of failure, or the body */
async function outcome(request: WireRequest, overrides: Partial<AuthenticateOptions> = {}) {
  try {
    // The API is the one that the scope names: only S3's signatures have rules of their own.
    const objects = peekScope(request)?.service === 's3';
    const signing = objects ? { resourceOf: () => request.path } : undefined;
    const { body } = await authenticate(request, options({ signing, ...overrides }));
    return { body: (await body.bytes(1e6)).toString() };
  } catch (error) {
    if (error instanceof AuthFailure) return { failed: error.kind };
    throw error;
  }
}

const call = {
  method: 'POST',
  headers: { 'x-amz-target': 'CodeBuild_20161006.ListBuilds' },
  body: '{"a":1}',
};

describe('the Authorization header', () => {
  it('tells who signed, with which key, for which service and region', async () => {
    const { body: _, ...found } = await authenticate(
      await signedRequest('codebuild', call, NOW),
      options(),
    );
    expect(found).toEqual({
      principal: accessKey().principal,
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      region: 'us-east-1',
      service: 'codebuild',
      form: 'header',
    });
  });

  it.each([
    ['query, encoding and order', { query: { 'b c': 'x/y', a: '2', A: 'ü&=', 'a-': '' } }],
    ['path encoded twice', { path: '/v1/repos/a%20b%2Fc/%E2%82%AC' }],
    ['path with dots and double slashes', { path: '/a//b/./../c/' }],
    ['blanks in header values', { headers: { 'x-amz-meta': '  a   b  c ' } }],
  ])('is verified as the SDK signs it: %s', async (_, unsigned) => {
    expect(await outcome(await signedRequest('codebuild', unsigned, NOW))).toEqual({ body: '' });
  });

  it.each([
    ['unusual characters', '/bucket/a%20b/%28x%29/~/%2B%C3%BC'],
    ['dots and double slashes, which are names to S3', '/bucket/a/../b//c/./d'],
  ])('is verified as the SDK signs it for S3: %s', async (_, path) => {
    expect(await outcome(await signedRequest('s3', { path }, NOW))).toEqual({ body: '' });
  });

  it('AWS test suite get-vanilla: the published signature', async () => {
    const key = accessKey({
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    });
    const signature = '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31';
    const request = wire({
      method: 'GET',
      path: '/',
      headers: {
        host: 'example.amazonaws.com',
        'x-amz-date': '20150830T123600Z',
        authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`,
      },
    });
    const now = new Date('2015-08-30T12:36:00Z');
    expect(await outcome(request, { now, credentials: storeOf(key) })).toEqual({ body: '' });
  });

  it.each([
    ['4566', 'example.amazonaws.com', 'example.amazonaws.com:4566'],
    ['none', 'example.amazonaws.com:4566', 'example.amazonaws.com'],
  ])('is verified whether or not the client signs its port (%s sent)', async (_, signed, sent) => {
    const request = await signedRequest('codebuild', { headers: { host: signed } }, NOW);
    request.headers.host = sent;
    request.endpoint = 'http://example.amazonaws.com:4566';
    expect(await outcome(request)).toEqual({ body: '' });
  });

  it.each([
    [
      'another secret',
      { credentials: storeOf(accessKey({ secretAccessKey: 'x' })) },
      'wrong-signature',
    ],
    ['an unknown key', { credentials: storeOf() }, 'unknown-key'],
    [
      'an inactive key',
      { credentials: storeOf(accessKey({ status: 'Inactive' })) },
      'inactive-key',
    ],
    [
      'a temporary key without its token',
      { credentials: storeOf(accessKey({ sessionToken: 't' })) },
      'wrong-token',
    ],
    ['another service', { signingNames: ['iam'] }, 'wrong-scope'],
    ['a date 16 minutes old', { now: minutes(16) }, 'expired'],
    ['a date 16 minutes ahead', { now: minutes(-16) }, 'not-yet-current'],
  ] as const)('is refused with %s', async (_, overrides, failed) => {
    expect(await outcome(await signedRequest('codebuild', call, NOW), overrides)).toEqual({
      failed,
    });
  });

  it.each([14.9, -14.9])('is accepted %d minutes off', async (n) => {
    expect(await outcome(await signedRequest('codebuild', call, minutes(n)))).toEqual({
      body: '{"a":1}',
    });
  });

  it.each([
    ['nothing', undefined, 'missing'],
    ['another algorithm', 'AWS4-ECDSA-P256-SHA256 Credential=x', 'unsupported'],
    ['Version 2', 'AWS AKIA:abc=', 'unsupported'],
    ['no signature', 'AWS4-HMAC-SHA256 Credential=A/20260101/r/s/aws4_request', 'incomplete'],
    [
      'half a scope',
      'AWS4-HMAC-SHA256 Credential=A/20260101/r, SignedHeaders=host, Signature=x',
      'incomplete',
    ],
    [
      'a scope of another day',
      'AWS4-HMAC-SHA256 Credential=A/20251231/r/s/aws4_request, SignedHeaders=host, Signature=x',
      'incomplete',
    ],
  ])('is refused when it says %s', async (_, authorization, failed) => {
    const headers: Record<string, string> = { host: 'h', 'x-amz-date': '20260101T000000Z' };
    if (authorization !== undefined) headers.authorization = authorization;
    expect(await outcome(wire({ method: 'GET', path: '/', headers }))).toEqual({ failed });
  });

  it('is refused when a header that means something is not covered', async () => {
    const request = await signedRequest('s3', { path: '/b/k' }, NOW);
    request.headers['x-amz-acl'] = 'public-read';
    expect(await outcome(request)).toEqual({ failed: 'unsigned-header' });
  });

  it('property: no changed byte of path, query, signed header, body or signature is accepted', async () => {
    const changes = fc.record({
      where: fc.constantFrom('method', 'path', 'query', 'target', 'date', 'body', 'signature'),
      at: fc.nat(),
      add: fc.integer({ min: 1, max: 25 }),
    });
    await fc.assert(
      fc.asyncProperty(changes, async ({ where, at, add }) => {
        const unsigned = { ...call, path: '/abc/def', query: { list: 'type', max: 'seven' } };
        const request = await signedRequest('codebuild', unsigned, NOW);
        const turn = (text: string) => {
          const letters = [...text.matchAll(/[a-z]/g)].map((m) => m.index);
          const i = letters[at % letters.length] as number;
          const code = 97 + ((text.charCodeAt(i) - 97 + add) % 26);
          return text.slice(0, i) + String.fromCharCode(code) + text.slice(i + 1);
        };
        const { headers } = request;
        if (where === 'method') request.method = 'PUT';
        if (where === 'path') request.path = turn(request.path);
        if (where === 'query') request.query = turn(request.query);
        if (where === 'target') headers['x-amz-target'] = turn(headers['x-amz-target'] as string);
        if (where === 'date') headers['x-amz-date'] = '20260101T000001Z';
        if (where === 'body') request.body = Readable.from([Buffer.from(turn(call.body))]);
        if (where === 'signature') {
          const [head, signature = ''] = (headers.authorization as string).split('Signature=');
          if (!/[a-f]/.test(signature)) return;
          headers.authorization = `${head}Signature=${turn(signature)}`;
        }
        expect(Object.keys(await outcome(request))).toEqual(['failed']);
      }),
      { numRuns: 300 },
    );
  });

  it('property: whatever the SDK signs is accepted', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 });
    const unsigned = fc.record({
      method: fc.constantFrom('GET', 'PUT', 'POST'),
      segments: fc.array(text, { maxLength: 4 }),
      query: fc.dictionary(
        // The SDK's signer loses a parameter of the name __proto__, and so does not sign what is sent.
        text.filter((name) => name !== '' && name !== '__proto__' && !/^x-amz-/i.test(name)),
        text,
        { maxKeys: 4 },
      ),
      body: text,
      service: fc.constantFrom('s3', 'codebuild'),
    });
    await fc.assert(
      fc.asyncProperty(unsigned, async ({ service, segments, ...rest }) => {
        const path = `/${segments.map(encodeURIComponent).join('/')}`.replace(/[!'()*]/g, '-');
        const query = Object.fromEntries(Object.entries(rest.query));
        const request = await signedRequest(service, { ...rest, query, path }, NOW);
        expect(await outcome(request)).toEqual({ body: rest.body });
      }),
      { numRuns: 200 },
    );
  });
});

describe('a session token', () => {
  const key = accessKey({ sessionToken: 'token', expires: minutes(10) });
  const credentials = storeOf(key);

  it('goes with its key', async () => {
    expect(await outcome(await signedRequest('sts', {}, NOW, key), { credentials })).toEqual({
      body: '',
    });
  });

  it('of another key, or changed, is refused', async () => {
    const request = await signedRequest('sts', {}, NOW, { ...key, sessionToken: 'other' });
    expect(await outcome(request, { credentials })).toEqual({ failed: 'wrong-token' });
  });

  it('is refused when it has expired', async () => {
    const request = await signedRequest('sts', {}, minutes(10), key);
    expect(await outcome(request, { credentials, now: minutes(10) })).toEqual({
      failed: 'expired-token',
    });
  });
});

describe('a presigned URL', () => {
  async function presigned(expiresIn: number, path = '/bucket/a%20key', service = 's3') {
    const request = {
      method: 'GET',
      protocol: 'https:',
      hostname: 'example.amazonaws.com',
      path,
      query: { 'response-content-type': 'text/plain; x' },
      headers: { host: 'example.amazonaws.com', 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' },
    };
    const signed = await sdkSigner(service).presign(request, { signingDate: NOW, expiresIn });
    return wire(signed as never);
  }

  it('is good until it expires, and not a second longer', async () => {
    expect(await outcome(await presigned(60), { now: minutes(1) })).toEqual({ body: '' });
    const late = new Date(minutes(1).getTime() + 1000);
    expect(await outcome(await presigned(60), { now: late })).toEqual({
      failed: 'presigned-expired',
    });
  });

  it('is good for longer than the clock skew', async () => {
    expect(await outcome(await presigned(604_800), { now: minutes(7 * 24 * 60 - 1) })).toEqual({
      body: '',
    });
  });

  it('is good for a week at most', async () => {
    const request = await presigned(604_800);
    request.query = request.query.replace('604800', '604801');
    expect(await outcome(request)).toEqual({ failed: 'query-malformed' });
  });

  it.each([
    ['X-Amz-Expires=60', 'X-Amz-Expires=61'],
    ['text%2Fplain', 'text%2Fhtml'],
    ['us-east-1', 'us-east-2'],
  ])('with %s made %s is refused', async (from, to) => {
    const request = await presigned(60);
    request.query = request.query.replace(from, to);
    expect(await outcome(request)).toEqual({ failed: 'wrong-signature' });
  });

  it('with one more parameter, or one twice, is refused', async () => {
    const more = await presigned(60);
    more.query += '&versionId=1';
    expect(await outcome(more)).toEqual({ failed: 'wrong-signature' });
    const twice = await presigned(60);
    twice.query += '&X-Amz-Expires=600';
    expect(await outcome(twice)).toEqual({ failed: 'query-malformed' });
  });
});

describe('relaxed mode', () => {
  const relaxed = { mode: 'relaxed' } as const;
  const authorization = (id: string) =>
    `AWS4-HMAC-SHA256 Credential=${id}/20260101/us-west-2/s3/aws4_request, SignedHeaders=host, Signature=0`;
  const identify = (headers: Record<string, string>) =>
    authenticate(wire({ method: 'GET', path: '/', headers }), options(relaxed));

  it('refuses a session whose user or role is gone, and a key that is switched off', async () => {
    const credentials = storeOf(accessKey({ status: 'Inactive' }));
    const { accessKeyId } = accessKey();
    const headers = { authorization: authorization(accessKeyId) };
    const asked = wire({ method: 'GET', path: '/', headers });
    expect(await outcome(asked, { ...relaxed, credentials })).toEqual({ failed: 'inactive-key' });
  });

  it('refuses a session that has expired, and takes it until then', async () => {
    const key = accessKey({ sessionToken: 'token', expires: minutes(10) });
    const credentials = storeOf(key);
    const at = async (now: Date) =>
      outcome(await signedRequest('sts', {}, NOW, key), { ...relaxed, credentials, now });
    expect(await at(minutes(9))).toEqual({ body: '' });
    expect(await at(minutes(10))).toEqual({ failed: 'expired-token' });
  });

  it.each([
    'X-Amz-Security-Token=TOKEN&X-Amz-Credential=ASIA%2F20260101%2Fus-east-1%2Fs3%2Faws4_request',
    'x-amz-security-token=TOKEN&AWSAccessKeyId=ASIA',
  ])('finds the session that a URL was presigned by: %s', async (query) => {
    const session = accessKey({ accessKeyId: 'ASIA' });
    const credentials = {
      ...storeOf(),
      findAccessKey: async (id: string, token?: string) =>
        id === 'ASIA' && token === 'TOKEN' ? session : undefined,
    };
    const asked = { ...wire({ method: 'GET', path: '/b/k', headers: {} }), query };
    const { principal } = await authenticate(asked, options({ ...relaxed, credentials }));
    expect(principal).toEqual(session.principal);
  });

  it('takes a 12-digit key for its account, any other unknown one and none for the default account', async () => {
    const twelve = await identify({ authorization: authorization('123456789012') });
    expect(twelve).toMatchObject({
      region: 'us-west-2',
      principal: { type: 'root', accountId: '123456789012' },
    });
    const test = await identify({ authorization: authorization('test') });
    expect(test.principal.accountId).toBe('000000000000');
    expect(await identify({})).toMatchObject({
      region: 'eu-west-1',
      principal: { accountId: '000000000000' },
    });
  });

  it('takes a known key for its owner', async () => {
    const { principal } = await identify({ authorization: authorization(accessKey().accessKeyId) });
    expect(principal.accountId).toBe('111122223333');
  });
});

it('an in-process request is its principal', async () => {
  const principal = {
    type: 'service',
    accountId: '1',
    arn: 'x',
    userId: 'x',
    service: 'x',
    sourceArn: 'x',
  } as const;
  const request = {
    ...wire({ method: 'GET', path: '/', headers: {} }),
    internal: { principal, region: 'r' },
  };
  expect(await authenticate(request, options())).toMatchObject({
    principal,
    region: 'r',
    form: 'internal',
  });
});

it('peekScope reads what a request is signed for from header and query', async () => {
  expect(peekScope(await signedRequest('codebuild', {}, NOW))).toEqual({
    service: 'codebuild',
    region: 'us-east-1',
  });
  const url = 'X-Amz-Credential=AK%2F20260101%2Feu-west-1%2Fs3%2Faws4_request';
  const request = { ...wire({ method: 'GET', path: '/', headers: {} }), query: url };
  expect(peekScope(request)).toEqual({ service: 's3', region: 'eu-west-1' });
  expect(peekScope(wire({ method: 'GET', path: '/', headers: {} }))).toBeUndefined();
});

describe("AWS's words by protocol", () => {
  const facts = {
    RequestTime: '20260101T000000Z',
    Limit: '20260101T000100Z',
    ServerTime: '20260101T001600Z',
  };
  it.each([
    ['missing', 'json', 'MissingAuthenticationTokenException', 400],
    ['missing', 'query', 'MissingAuthenticationToken', 403],
    ['missing', 's3', 'AccessDenied', 403],
    ['unknown-key', 'json', 'UnrecognizedClientException', 400],
    ['unknown-key', 'query', 'InvalidClientTokenId', 403],
    ['unknown-key', 's3', 'InvalidAccessKeyId', 403],
    ['wrong-signature', 'json', 'InvalidSignatureException', 400],
    ['wrong-signature', 'query', 'SignatureDoesNotMatch', 403],
    ['wrong-signature', 's3', 'SignatureDoesNotMatch', 403],
    ['expired-token', 'json', 'ExpiredTokenException', 400],
    ['expired-token', 'query', 'ExpiredToken', 403],
    ['expired-token', 's3', 'ExpiredToken', 400],
    ['expired', 's3', 'RequestTimeTooSkewed', 403],
    ['presigned-expired', 's3', 'AccessDenied', 403],
    ['unknown-key', 'rest-json', 'UnrecognizedClientException', 403],
    ['wrong-signature', 'rest-json', 'InvalidSignatureException', 403],
    ['wrong-signature', 'ec2', 'AuthFailure', 403],
  ] as const)('%s in the words of %s is %s', (kind, dialect, code, status) => {
    expect(authError(new AuthFailure(kind), dialect)).toMatchObject({ code, status });
  });

  it('say when a signature expired', () => {
    expect(authError(new AuthFailure('expired', facts), 'json').message).toBe(
      'Signature expired: 20260101T000000Z is now earlier than 20260101T000100Z (20260101T001600Z - 15 min.)',
    );
  });
});
