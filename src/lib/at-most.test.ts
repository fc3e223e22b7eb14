import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { textAtMost } from './at-most.ts';

test('a text of as many bytes as it may have is read whole, whatever the pieces', async () => {
  const [first, second] = [
    Buffer.from('gr\u00fc').subarray(0, 3),
    Buffer.from('gr\u00fcn').subarray(3),
  ];
  expect(await textAtMost(Readable.from([first, second]), 5, 'It')).toBe('gr\u00fcn');
});

test('of a stream without an end no more is read than it may have, and it is let go of', async () => {
  let sent = 0;
  const endless = new Readable({
    read() {
      sent += 1;
      this.push(Buffer.alloc(1000));
    },
  });
  await expect(textAtMost(endless, 5000, 'The answer')).rejects.toThrow(
    'The answer is longer than 5000 bytes',
  );
  expect(endless.destroyed).toBe(true);
  expect(sent).toBeLessThan(100);
});
