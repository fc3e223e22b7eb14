import { expect, test } from 'vitest';
import { MAX_INSTANCES, MAX_INSTANCES_IN_ALL, MAX_VPCS, MAX_VPCS_IN_ALL } from '../limits.ts';
import { roomOf } from './capacity.ts';

const me = { accountId: '1', region: 'a' };
const many = (count: number, place: (n: number) => typeof me) =>
  Array.from({ length: count }, (_, n) => place(n));

test.each([
  ['of an empty server', [], MAX_INSTANCES, 'account'],
  [
    'beside an account that has all of its own',
    many(MAX_INSTANCES, () => ({ ...me, accountId: '2' })),
    MAX_INSTANCES,
    'account',
  ],
  [
    'of who has some elsewhere',
    many(3, () => ({ ...me, region: 'b' })),
    MAX_INSTANCES - 3,
    'account',
  ],
  ['of who has all', many(MAX_INSTANCES, () => me), 0, 'account'],
  [
    'of who is in as many regions',
    many(MAX_VPCS, (n) => ({ ...me, region: `r${n}` })),
    0,
    'account',
  ],
  [
    'in one of those',
    many(MAX_VPCS, (n) => ({ ...me, region: n ? `r${n}` : 'a' })),
    MAX_INSTANCES - MAX_VPCS,
    'account',
  ],
  [
    'of a server without networks',
    many(MAX_VPCS_IN_ALL, (n) => ({ ...me, accountId: `x${n}` })),
    0,
    'server',
  ],
  [
    'of a server that is full',
    many(MAX_INSTANCES_IN_ALL, (n) => ({ ...me, accountId: `x${n % 5}` })),
    0,
    'server',
  ],
  [
    'of one that is nearly so',
    many(MAX_INSTANCES_IN_ALL - 1, (n) => ({ ...me, accountId: `x${n % 5}` })),
    1,
    'server',
  ],
] as const)('the room %s', (_of, all, room, reason) =>
  expect(roomOf(me, all)).toEqual({ room, reason }),
);
