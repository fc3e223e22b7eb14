import { expect, it } from 'vitest';
import { type Limit, Room } from './room.ts';

it('what has no room by one of its names counts for none of them; each leaves once', () => {
  const room = new Room();
  const of = (name: string): [Limit, Limit] => [
    ['all', 3],
    [name, 2],
  ];
  const leave = room.enter(...of('a'));
  room.enter(...of('a'));
  expect(room.enter(...of('a'))).toBeUndefined();
  expect(room.enter(...of('b'))).toBeDefined();
  expect(room.enter(...of('b'))).toBeUndefined();
  leave?.();
  leave?.();
  expect(room.enter(...of('b'))).toBeDefined();
  expect(room.enter(...of('c'))).toBeUndefined();
});
