import { expect, test } from 'vitest';
import { isAddressBlock } from './address-block.ts';

test('blocks are told from what is none', () => {
  for (const good of ['10.0.0.0/8', '10.0.0.1', '::1', 'fd00::/8', '0.0.0.0/0'])
    expect(isAddressBlock(good)).toBe(true);
  for (const bad of [
    '',
    'localhost',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '::/129',
    '10.0.0/8',
    '1/-1',
  ])
    expect(isAddressBlock(bad)).toBe(false);
});
