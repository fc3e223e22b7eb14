import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { MalformedPushError, packet, peekPush } from './pkt-line.ts';

const zero = '0'.repeat(40);
const one = '1'.repeat(40);

test('reads the commands of a push and leaves the body whole, however it is cut', async () => {
  const head = Buffer.concat([
    packet(`shallow ${one}`),
    packet(`${zero} ${one} refs/heads/new\0 report-status side-band-64k`),
    packet(`${one} ${zero} refs/heads/gone`),
    Buffer.from('0000PACK…'),
  ]);
  for (const size of [1, 7, 1000]) {
    const body = new PassThrough();
    for (let at = 0; at < head.length; at += size) body.write(head.subarray(at, at + size));
    body.end();
    expect(await peekPush(body)).toEqual({
      commands: [
        { name: 'refs/heads/new', oldId: undefined, newId: one },
        { name: 'refs/heads/gone', oldId: one, newId: undefined },
      ],
      capabilities: ['report-status', 'side-band-64k'],
    });
    expect(await text(body)).toBe(head.toString());
  }
});

test.each(['\n', '\t', '\x7f'])('refuses %j in the name of a reference', async (control) => {
  const line = `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/a${control}b`;
  const push = Buffer.concat([packet(line), Buffer.from('0000')]);
  await expect(peekPush(Readable.from([push], { objectMode: false }))).rejects.toThrow(
    MalformedPushError,
  );
});

test('a probe has no commands', async () => {
  const body = Readable.from([Buffer.from('0000')], { objectMode: false });
  expect((await peekPush(body)).commands).toEqual([]);
});

test.each(['', '00', 'zzzz', '0001', '0010', '0008abcd0000'])('refuses %j', async (body) => {
  const stream = Readable.from([Buffer.from(body)], { objectMode: false });
  await expect(peekPush(stream)).rejects.toThrow(MalformedPushError);
});
