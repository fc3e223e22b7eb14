import { expect, it } from 'vitest';
import { laneOf, makeRoom } from './lanes.ts';

it('lets so many to a target at once, and others to other targets', () => {
  const room = makeRoom(2);
  const first = room.enter('a');
  const second = room.enter('a');
  expect(room.enter('a')).toBeUndefined();
  expect(room.enter('b')).toBeDefined();
  first?.();
  expect(room.enter('a')).toBeDefined();
  expect(room.enter('a')).toBeUndefined();
  second?.();
  expect(room.enter('a')).toBeDefined();
});

it('keeps apart what is here, what is elsewhere, and what waited there', () => {
  expect(laneOf(false, { attempts: 3, crowded: true })).toBe('inner');
  expect(laneOf(true, { attempts: 0 })).toBe('outside');
  expect(laneOf(true, { attempts: 1 })).toBe('again');
  expect(laneOf(true, { attempts: 0, crowded: true })).toBe('again');
});
