import { Readable } from 'node:stream';
import * as iam from '@aws-sdk/client-iam';
import * as sts from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { apiOf } from '../api.ts';
import type { Call } from './protocol.ts';
import { formTree, query } from './query.ts';

const iamApi = apiOf(iam);
const stsApi = apiOf(sts);

function call(api: typeof iamApi, operation: string, body: string): Call {
  const request = {
    method: 'POST',
    path: '/',
    query: '',
    headers: {},
    body: Readable.from([]),
    endpoint: 'http://localhost',
    remoteAddress: '127.0.0.1',
  };
  return { api, protocol: query, operation, request, body: Buffer.from(body) };
}

describe('query protocol', () => {
  test('a form becomes a tree by the dots of its names', () => {
    expect(formTree('A.member.1.Key=x&A.member.2.Key=y&B=1')).toEqual({
      A: { member: { 1: { Key: 'x' }, 2: { Key: 'y' } } },
      B: '1',
    });
  });

  test('a name such as __proto__ is a name like any other', () => {
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    formTree('__proto__.polluted=1');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('lists come in the order of their numbers, not of their arrival', () => {
    const numbers = Array.from({ length: 12 }, (_, i) => i + 1);
    const body = numbers
      .reverse()
      .map((n) => `Tags.member.${n}.Key=k${n}&Tags.member.${n}.Value=v`)
      .join('&');
    const input = query.decode(call(iamApi, 'CreateUser', `UserName=a&${body}`)) as {
      Tags: { Key: string }[];
    };
    expect(input.Tags.map((t) => t.Key)).toEqual(numbers.reverse().map((n) => `k${n}`));
  });

  test('a structure of which nothing is said is one without members', () => {
    expect(query.decode(call(iamApi, 'CreateUser', 'UserName=a&Tags.member.1='))).toEqual({
      ...{ UserName: 'a', Tags: [{}] },
    });
  });

  test('numbers and booleans are what the schema says', () => {
    const input = query.decode(
      call(stsApi, 'AssumeRole', 'RoleArn=r&RoleSessionName=s&DurationSeconds=900'),
    );
    expect(input).toEqual({ RoleArn: 'r', RoleSessionName: 's', DurationSeconds: 900 });
    const versions = query.decode(
      call(iamApi, 'CreatePolicyVersion', 'PolicyArn=a&PolicyDocument={}&SetAsDefault=true'),
    );
    expect(versions.SetAsDefault).toBe(true);
  });

  test.each([
    ...['0x10', '1e3', '1E3', ' 5', '5 ', '+ 5', '', 'Infinity', '1_000', '٣'].map((text) => [
      'AssumeRole',
      `DurationSeconds=${encodeURIComponent(text)}`,
    ]),
    ['CreatePolicyVersion', 'SetAsDefault=yes'],
    ['CreatePolicyVersion', 'SetAsDefault='],
    ...['-1', '__proto__', '01', '1x', 'constructor', '1e3', '99999999999999999999'].map(
      (index) => ['CreateUser', `Tags.member.${index}.Key=a&Tags.member.1.Key=b`],
    ),
    ['CreateUser', 'Tags.member.-1=a'],
  ])('%s %s is malformed', (operation, body) => {
    const api = operation in iamApi.operations ? iamApi : stsApi;
    let failed: unknown;
    try {
      query.decode(call(api, operation, body));
    } catch (error) {
      failed = error;
    }
    expect(failed).toMatchObject({ code: 'MalformedInput', status: 400 });
  });

  test.each([
    ['900', 900],
    ['+900', 900],
    ['-1', -1],
    ['0900', 900],
  ])('%s is the number %d', (text, DurationSeconds) => {
    const body = `DurationSeconds=${encodeURIComponent(text)}`;
    expect(query.decode(call(stsApi, 'AssumeRole', body))).toEqual({ DurationSeconds });
  });

  test('a structure where text is expected is refused, not guessed at', () => {
    expect(() => query.decode(call(iamApi, 'CreateUser', 'UserName.x=a'))).toThrow(/simple value/);
  });

  test('the answer is read back by the SDK', async () => {
    const output = {
      Account: '123456789012',
      Arn: 'arn:aws:iam::123456789012:user/a&b',
      UserId: 'AIDA',
    };
    const response = query.encode(call(stsApi, 'GetCallerIdentity', ''), output, 'id-1');
    expect(String(response.body)).toContain('<GetCallerIdentityResult>');
    expect(String(response.body)).toContain('user/a&amp;b');
    expect(String(response.body)).toContain('<RequestId>id-1</RequestId>');
  });
});

describe('answers', () => {
  const operations = [iamApi, stsApi].flatMap((api) =>
    Object.keys(api.operations).map((operation) => ({ api, operation })),
  );

  test.each(operations)(
    '$operation has its result element just when it has an output',
    ({ api, operation }) => {
      const body = String(query.encode(call(api, operation, ''), {}, 'id').body);
      const output = (api.operations[operation] as unknown[])[5];
      const named = typeof output === 'function' ? output() : output;
      const has = new RegExp(`^<${operation}Response [^>]*><${operation}Result(/>|>)`).test(body);
      expect(has).toBe(Array.isArray(named));
    },
  );
});
