import fc from 'fast-check';
import { expect, test } from 'vitest';
import { flushPacket, packet } from './pkt-line.ts';
import { withoutPlace } from './without-place.ts';

const PLACE = '/dev/shm/slipway/copy';

async function through(answer: Buffer, cut: number[]): Promise<Buffer> {
  const filter = withoutPlace(PLACE);
  const out: Buffer[] = [];
  filter.on('data', (chunk: Buffer) => out.push(chunk));
  const ended = new Promise((resolve) => filter.once('end', resolve));
  let at = 0;
  for (const size of cut) {
    filter.write(answer.subarray(at, at + size));
    at += size;
  }
  filter.end(answer.subarray(at));
  await ended;
  return Buffer.concat(out);
}

const band = (number: number, text: string) =>
  packet(Buffer.concat([Buffer.from([number]), Buffer.from(text)]));

test('what git says to people names no path of the server, wherever the answer is cut', async () => {
  const words = `error: Unable to create '${PLACE}/refs/heads/x.lock': File name too long\n`;
  const report = band(1, `unpack ok ${PLACE}`);
  const answer = Buffer.concat([report, band(2, words), flushPacket]);
  const said = words.replace(`${PLACE}/`, '');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 })), async (cut) => {
      const shown = await through(answer, cut);
      expect(shown).toEqual(Buffer.concat([report, band(2, said), flushPacket]));
    }),
    { numRuns: 30 },
  );
});

test('all else goes through as it is', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.integer({ min: 1, max: 40 })),
      async (bytes, cut) => {
        const answer = Buffer.concat([packet('unpack ok\n'), flushPacket, bytes]);
        expect(await through(answer, cut)).toEqual(answer);
      },
    ),
    { numRuns: 30 },
  );
});
