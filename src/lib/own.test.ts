import { expect, it } from 'vitest';
import { ownValue, setOwn } from './own.ts';

const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'web'];

it.each(NAMES)('a record has no value of %s until it is given one', (name) => {
  const record: Record<string, { status: string }> = {};
  expect(ownValue(record, name)).toBeUndefined();
  setOwn(record, name, { status: 'InProgress' });
  expect(ownValue(record, name)).toEqual({ status: 'InProgress' });
  expect(Object.keys(record)).toEqual([name]);
  expect(({} as { status?: string }).status).toBeUndefined();
});

it.each(NAMES)('%s survives a copy and JSON', (name) => {
  const record: Record<string, string> = {};
  setOwn(record, name, 'kept');
  for (const copy of [{ ...record }, structuredClone(record), JSON.parse(JSON.stringify(record))])
    expect(ownValue(copy, name)).toBe('kept');
});
