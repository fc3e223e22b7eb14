import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { MalformedPushError, packet, peekFetch, peekPush } from './pkt-line.ts';

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
      shallow: true,
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

test.each<[string, (string | Buffer)[], object]>([
  [
    'version 0',
    [packet(`want ${one} ofs-delta agent=git/2\n`), packet('deepen 1\n'), '0000', packet('done\n')],
    { capabilities: ['ofs-delta', 'agent=git/2'], shallow: true, wants: true },
  ],
  [
    'version 2',
    [packet('command=fetch\n'), packet('agent=git/2\n'), '0001', packet(`want ${one}\n`), '0000'],
    { capabilities: ['agent=git/2'], shallow: false, wants: true },
  ],
  [
    'version 2, of references',
    [packet('command=ls-refs\n'), packet('agent=git/2'), '0001', packet('peel\n'), '0000'],
    { capabilities: ['agent=git/2'], shallow: false, wants: false },
  ],
  ['rubbish', ['rubbish'], { capabilities: [], shallow: false, wants: false }],
])('reads how a fetch begins, and leaves the body whole: %s', async (_, parts, head) => {
  const sent = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  for (const size of [1, 1000]) {
    const body = new PassThrough();
    for (let at = 0; at < sent.length; at += size) body.write(sent.subarray(at, at + size));
    body.end();
    expect(await peekFetch(body)).toEqual(head);
    expect(await text(body)).toBe(sent.toString());
  }
});

test('a fetch that breaks off is none', async () => {
  for (const sent of ['', '00', '0100abc']) {
    const body = Readable.from([Buffer.from(sent)], { objectMode: false });
    await expect(peekFetch(body)).rejects.toThrow(MalformedPushError);
  }
});
