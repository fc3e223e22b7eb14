import { cbor } from '@smithy/core/cbor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cpuTime } from '../../lib/cpu-time.ts';
import { checkCbor } from './check-cbor.ts';
import { rpcV2Cbor } from './rpc-v2-cbor.ts';
import { toyApi } from './toy.ts';

const api = toyApi(rpcV2Cbor);

function decode(body: Uint8Array) {
  const request = { query: '', headers: {} } as never;
  return rpcV2Cbor.decode({ api, protocol: rpcV2Cbor, operation: 'PutThing', request, body });
}

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const refused = expect.objectContaining({ code: 'SerializationException', status: 400 });

test.each([
  ['a list of four thousand millions', '9a ffffffff'],
  ['lists of thirty millions, each in the other', '9a 01e00000 '.repeat(100)],
  ['a map of more than there are numbers', 'bb ffffffffffffffff'],
  ['a text longer than the body', '7a 7fffffff 61'],
  ['bytes longer than the body', '5a 7fffffff 61'],
  ['a number of a million digits', `c2 5a 000f4240 ${'ff'.repeat(1_000_000)}`],
  ['a decimal with 2^28 places', 'c4 82 1a 10000000 01'],
  ['a tag that means nothing here', 'c5 01'],
  ['a list without an end', '9f 01'],
  ['two items', '01 01'],
  ['lists that never cease to begin', '9f'.repeat(100_000)],
  ['a head that is cut off', '1b 00'],
  ['a head of no kind', '1c'],
  ['nothing behind a tag', 'c1'],
])('%s is refused, at once', (_what, bytes) => {
  const taken = cpuTime();
  expect(() => decode(hex(bytes))).toThrow(refused);
  expect(taken()).toBeLessThan(200);
});

test.each([
  ['a text where bytes belong', { data: 'eA==' }],
  ['bytes where a text belongs', { colour: Buffer.from('red') }],
  ['bytes where a structure belongs', { inner: Buffer.from('x') }],
  ['a number where a time belongs', { when: 5 }],
  ['a text where a number belongs', { number: '5' }],
  ['a map where a list belongs', { list: { a: 'b' } }],
  ['a list for the input itself', []],
  ['a text for the input itself', 'x'],
])('%s is refused', (_what, input) => {
  expect(() => decode(cbor.serialize(input))).toThrow(refused);
});

test('property: what the SDK writes passes, whatever it is', () => {
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: false, withDate: false, maxDepth: 4, withNullPrototype: false }),
      (value) => {
        let bytes: Uint8Array;
        try {
          bytes = cbor.serialize(value);
        } catch {
          return;
        }
        checkCbor(bytes);
      },
    ),
  );
});

test('property: any bytes are input or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        decode(bytes);
      } catch (error) {
        expect(error).toEqual(refused);
      }
    }),
    { numRuns: 2000 },
  );
});
