import { expect, it } from 'vitest';
import { networkOf, waitMs } from './throttle.ts';

it.each([
  ['10.0.0.1', '10.0.0.1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['::1', '0:0:0:0::/64'],
  ['2001:db8:0:07::1', '2001:db8:0:7::/64'],
  ['2001:DB8:0:7:1:2:3:4', '2001:db8:0:7::/64'],
  ['2001:db8::7:1:2:3:4', '2001:db8:0:7::/64'],
  ['64:ff9b::1.2.3.4', '64:ff9b:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['', ''],
])('counts %s as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

it.each([
  ['both', 4, 0],
  ['both', 5, 1000],
  ['both', 100, 60_000],
  ['name', 49, 0],
  ['name', 50, 1000],
  ['name', 9999, 5000],
  ['address', 29, 0],
  ['address', 9999, 5000],
] as const)('%s: waits after %i failures %i ms', (counted, failures, wait) => {
  expect(waitMs(counted, { failures, lastAt: 1000 }, 1000)).toBe(wait);
});
