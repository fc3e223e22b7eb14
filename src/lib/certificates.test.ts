import { expect, test } from 'vitest';
import { serialNumber } from './certificates.ts';

test.each([
  '000000000000000000000000000000',
  '007f00000000000000000000000000',
  'ffffffffffffffffffffffffffffff',
])(
  'a serial number is a positive DER integer without zeros before it, whatever chance brings (%s)',
  (random) => {
    const first = Number.parseInt(serialNumber(Buffer.from(random, 'hex')).slice(0, 2), 16);
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(0x80);
  },
);
