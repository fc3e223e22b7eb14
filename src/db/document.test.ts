import { expect, test } from 'vitest';
import { encodeJson } from '../lib/json.ts';
import { defineDocument } from './document.ts';

interface Third {
  names: string[];
  at: Date;
}

const first = defineDocument<{ name: string; at: Date }>();
const toSecond = ({ name, ...rest }: { name: string }) => ({ ...rest, names: name });
const toThird = ({ names, ...rest }: { names: string }) => ({ ...rest, names: [names] });
const second = defineDocument<{ names: string; at: Date }>(toSecond);
const third = defineDocument<Third>(toSecond, toThird);
const at = new Date(5);

test('a document of any earlier version is read as one of this version', () => {
  const now = { names: ['x'], at };
  expect(third.decode(first.encode({ name: 'x', at }))).toEqual(now);
  expect(third.decode(second.encode({ names: 'x', at }))).toEqual(now);
  expect(third.decode(third.encode(now))).toEqual(now);
});

test('the first version is what releases before versions wrote', () => {
  expect(first.encode({ name: 'x', at })).toBe(encodeJson({ name: 'x', at }));
});

test('a document of a later release is refused, not misread', () => {
  const later = third.encode({ names: ['x'], at });
  expect(() => second.decode(later)).toThrow('version 3');
  expect(() => first.decode(later)).toThrow('version 3');
});
