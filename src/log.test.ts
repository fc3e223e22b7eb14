import { expect, test } from 'vitest';
import { DatabaseGoneError } from './lib/database-gone.ts';
import { makeLog } from './log.ts';

const full = () => Object.assign(new Error('database or disk is full'), { errcode: 13 });

test('a full disk is said once, until it was freed and is full again', () => {
  const lines: string[] = [];
  let now = 0;
  const log = makeLog('warn', { write: (line) => lines.push(JSON.parse(line).msg) }, () => now);
  log.error({ err: full() }, 'a call failed');
  for (const _ of Array.from({ length: 5 })) {
    now += 50_000;
    log.error({ err: new Error('outer', { cause: full() }), key: 'x' }, 'Reconciler failed');
    log.warn(full(), 'database connection lost');
  }
  log.error({ err: new Error('something else') }, 'another failure');
  expect(lines).toEqual([expect.stringMatching(/^The disk is full:/), 'another failure']);
  now += 60_000;
  log.error({ err: full() }, 'a call failed');
  expect(lines).toHaveLength(3);
});

test('a full disk and a database that is gone are two things to say', () => {
  const lines: string[] = [];
  const log = makeLog('warn', { write: (line) => lines.push(JSON.parse(line).msg) }, () => 0);
  const gone = new DatabaseGoneError(new Error('connect ECONNREFUSED'));
  for (const err of [full(), gone, full(), gone]) log.error({ err }, 'a call failed');
  expect(lines).toEqual([
    expect.stringMatching(/^The disk is full:/),
    expect.stringMatching(/^The database does not answer:/),
  ]);
});
