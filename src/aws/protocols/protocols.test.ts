import { Readable } from 'node:stream';
import {
  AwsEc2QueryProtocol,
  AwsJson1_0Protocol,
  AwsJson1_1Protocol,
  AwsQueryProtocol,
  AwsRestJsonProtocol,
  AwsRestXmlProtocol,
  AwsSmithyRpcV2CborProtocol,
} from '@aws-sdk/core/protocols';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { rootPrincipal } from '../auth/root.ts';
import { ec2Query } from './ec2-query.ts';
import { json10, json11 } from './json.ts';
import { query } from './query.ts';
import { restJson } from './rest-json.ts';
import { restXml } from './rest-xml.ts';
import { rpcV2Cbor } from './rpc-v2-cbor.ts';
import { NoSuchThingError, putThing, serveToy, type Thing, TOY_SETTINGS, toyApi } from './toy.ts';

const CASES = [
  { served: json10, client: new AwsJson1_0Protocol(TOY_SETTINGS) },
  { served: json11, client: new AwsJson1_1Protocol(TOY_SETTINGS) },
  { served: rpcV2Cbor, client: new AwsSmithyRpcV2CborProtocol(TOY_SETTINGS) },
  { served: query, client: new AwsQueryProtocol(TOY_SETTINGS) },
  { served: ec2Query, client: new AwsEc2QueryProtocol(TOY_SETTINGS) },
  { served: restJson, client: new AwsRestJsonProtocol(TOY_SETTINGS) },
  { served: restXml(), client: new AwsRestXmlProtocol(TOY_SETTINGS) },
];

/** Text that XML and headers carry as it is. */
const text = fc.stringMatching(/^[!-~]([ -~]{0,8}[!-~])?$/);
const date = fc
  .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((d) => new Date(Math.floor(d.getTime() / 1000) * 1000));
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const inner = fc.record({
  count: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  on: fc.boolean(),
  ratio: fc.double({ noDefaultInfinity: true, noNaN: true }).map((n) => n + 0),
});
/** Names that headers have: they come in lower case. */
const named = fc.dictionary(fc.stringMatching(/^k[a-z0-9]{1,6}$/), text, {
  ...{ minKeys: 1, maxKeys: 3, noNullPrototype: true },
});
const outputMembers = {
  // The SDK's clients make an empty map of no such headers.
  meta: named,
  tag: optional(text.filter((t) => !t.includes(','))),
  since: optional(date),
  colour: optional(text),
  when: optional(date),
  data: optional(fc.uint8Array({ minLength: 1, maxLength: 40 })),
  tags: optional(fc.dictionary(text, text, { minKeys: 1, maxKeys: 3, noNullPrototype: true })),
  list: optional(fc.array(text, { minLength: 1, maxLength: 12 })),
  inner: optional(inner),
  inners: optional(fc.array(inner, { minLength: 1, maxLength: 3 })),
};
const outputs: fc.Arbitrary<Thing> = fc.record(outputMembers);
const inputs: fc.Arbitrary<Thing> = fc.record({
  ...outputMembers,
  name: text,
  number: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  dry: optional(fc.boolean()),
  others: optional(named),
  asked: optional(fc.array(text, { minLength: 1, maxLength: 3 })),
});

/** Members that are there, bytes as one type. */
function plain(thing: Thing | undefined): object {
  const there = Object.entries(thing ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    there.map(([name, value]) => [name, value instanceof Uint8Array ? [...value] : value]),
  );
}

describe.each(CASES)('$served.name', ({ served, client }) => {
  const api = toyApi(served);

  test('any input comes in and any output goes out as the SDK means it', async () => {
    await fc.assert(
      fc.asyncProperty(inputs, outputs, async (input, output) => {
        const toy = serveToy(api, async () => output);
        const answer = await putThing(toy, client, input);
        expect(plain(toy.got())).toEqual(plain(input));
        expect(plain(answer)).toEqual(plain(output));
      }),
      { numRuns: 60 },
    );
  });

  test('a modelled error is the exception that it was', async () => {
    const error = new NoSuchThingError({ message: 'There is <none> & no such.', thing: 'a' });
    const toy = serveToy(api, () => Promise.reject(error));
    const thrown = await putThing(toy, client, { name: 'a', number: 1 }).catch((e) => e);
    expect(thrown).toBeInstanceOf(NoSuchThingError);
    expect(thrown.message).toBe('There is <none> & no such.');
    expect(thrown.$metadata.httpStatusCode).toBe(served.statuses === 'by-fault' ? 400 : 404);
    expect(toy.failures).toEqual([]);
  });

  test('what the API has not is refused in the words of the protocol', async () => {
    const toy = serveToy({ ...api, operations: {} }, async () => ({}));
    const thrown = await putThing(toy, client, { name: 'a', number: 1 }).catch((e) => e);
    expect(['UnknownOperationException', 'InvalidAction']).toContain(thrown.name);
    expect(toy.failures).toEqual([]);
  });

  test('whoever may not call is told so in the words of the protocol', async () => {
    const toy = serveToy(api, async () => ({}), { denied: true });
    const thrown = await putThing(toy, client, { name: 'a', number: 1 }).catch((e) => e);
    const names = ['AccessDeniedException', 'AccessDenied', 'UnauthorizedOperation'];
    expect(names).toContain(thrown.name);
    expect(thrown.message).toContain('is not authorized to perform: toy:Put');
    expect(toy.got()).toBeUndefined();
  });
});

describe('an API of several protocols', () => {
  const api = toyApi(rpcV2Cbor, json10, query);
  const error = new NoSuchThingError({ message: 'gone' });

  test.each(CASES.slice(0, 4).filter(({ served }) => served !== json11))(
    'answers in $served.name who asks in it',
    async ({ client }) => {
      const toy = serveToy(api, async ({ colour = '' }) => ({ colour: `${colour} too` }));
      const answer = await putThing(toy, client, { name: 'a', number: 1, colour: 'red' });
      expect(answer.colour).toBe('red too');
    },
  );

  test('tells clients that once spoke Query the code that they knew', async () => {
    const client = new AwsSmithyRpcV2CborProtocol({ ...TOY_SETTINGS, awsQueryCompatible: true });
    const toy = serveToy(api, () => Promise.reject(error));
    const thrown = await putThing(toy, client, { name: 'a', number: 1 }).catch((e) => e);
    expect(thrown).toMatchObject({ name: 'NoSuchThing', Code: 'NoSuchThing', Type: 'Sender' });
  });
});

test.each([
  ['rest-json', restJson, { tags: { a: 1 } }],
  ['rest-json', restJson, { color: ['red'] }],
  ['rest-json', restJson, { inner: 'x' }],
  ['rest-json', restJson, 'text'],
  ['rest-json', restJson, null],
  ['json-1.1', json11, null],
  ['json-1.1', json11, []],
] as const)('%s: a value of a wrong type is no input', (_name, served, body) => {
  const call = {
    ...{ api: toyApi(served), protocol: served, operation: 'PutThing' },
    request: { query: '', headers: {} } as never,
    labels: { name: 'a', number: '1' },
    body: Buffer.from(JSON.stringify(body)),
  };
  expect(() => served.decode(call)).toThrow(
    expect.objectContaining({ code: 'SerializationException', status: 400 }),
  );
});

test('rest-json: to write an answer writes nothing else', () => {
  // The SDK says it once a minute.
  vi.useFakeTimers({ now: Date.now() + 120_000 });
  onTestFinished(() => void vi.useRealTimers());
  const warned = vi.spyOn(console, 'warn').mockReturnValue(undefined);
  const call = { api: toyApi(restJson), protocol: restJson, operation: 'PutThing' };
  const { body } = restJson.encode(call as never, { colour: 'red' }, 'id');
  expect(String(body)).toBe('{"color":"red"}');
  expect(warned).not.toHaveBeenCalled();
});

test('rest-json: a body says nothing of what is bound elsewhere', () => {
  const call = {
    ...{ api: toyApi(restJson), protocol: restJson, operation: 'PutThing' },
    request: { query: '', headers: {} } as never,
    labels: { name: 'a', number: '1' },
    body: Buffer.from('{"name":"b","tag":"c","number":2,"color":"red"}'),
  };
  expect(restJson.decode(call)).toEqual({ name: 'a', number: 1, colour: 'red' });
});

const EVENTS = [4, 'test.toy', 'Events', { streaming: 1 }, ['some'], [() => EVENT]];
const EVENT = [3, 'test.toy', 'Event', 0, ['a'], [0]];

test.each([
  ['json-1.1', json11, { 'x-amz-target': 'ToyService.PutThing' }, '/'],
  [
    ...(['rpc-v2-cbor', rpcV2Cbor, { 'smithy-protocol': 'rpc-v2-cbor' }] as const),
    '/service/ToyService/operation/PutThing',
  ],
  ['rest-json', restJson, {}, '/events'],
] as const)(
  '%s: a stream of events in a request is refused by name, before it ends',
  async (_name, served, headers, path) => {
    const input = [3, 'test.toy', 'In', 0, ['events'], [[() => EVENTS, { httpPayload: 1 }]]];
    const http = { http: ['POST', '/events', 200] };
    const PutThing = [9, 'test.toy', 'PutThing', http, () => input, () => EVENT] as never;
    const toy = serveToy({ ...toyApi(served), operations: { PutThing } }, async () => ({}));
    const authorization = 'Credential=in-process/00000000/eu-west-1/toy/aws4_request';
    const { status, body } = await toy.dispatch({
      ...{ method: 'POST', path, query: '', endpoint: '', remoteAddress: '' },
      headers: { ...headers, authorization },
      body: new Readable({ read() {} }),
      internal: { principal: rootPrincipal('111111111111'), region: 'eu-west-1' },
    });
    expect(status).toBe(501);
    expect(Buffer.from(body as string).toString()).toContain(
      'the stream of events that toy:PutThing takes',
    );
    expect(toy.got()).toBeUndefined();
  },
);
