import { expect, test } from 'vitest';
import type { EngineStatus } from '../lib/engine-status.ts';
import { engineText } from './engine-text.ts';

const at = Date.parse('2026-01-01T12:00:00Z');
const ago = (seconds: number) => new Date(at - seconds * 1_000).toISOString();
const none = { total: 0, first: [] };
const quiet: EngineStatus = {
  at: ago(0),
  nodes: { total: 1, first: [{ node: 'here:4566/a', since: ago(7_300), self: true }] },
  reconcilers: [],
  ...{ leases: none, failing: none, stuck: none },
  rule: { waitingMs: 300_000, workingMs: 900_000, exceptions: {}, staying: [] },
};

test('four lines where all is well', () => {
  expect(engineText(quiet)).toEqual([
    'nodes     here:4566/a (this one) for 2 hours',
    'queue     nothing waits, 0 at work, 0 for later',
    'failing   nothing',
    'stuck     nothing (due for 5 minutes, or worked on for 15 minutes)',
  ]);
});

test('where not all is well, what it is, since when and why', () => {
  const reconciler = 'codepipeline/action';
  const busy = { later: 3, working: 1, failing: 1 };
  const text = engineText({
    ...quiet,
    nodes: {
      total: 2,
      first: [
        ...quiet.nodes.first,
        { node: 'there:1/b', since: ago(90), lastHeartbeat: ago(2), self: false },
      ],
    },
    reconcilers: [
      { name: 'event/x', queued: 2, oldest: ago(1), ...busy },
      { name: reconciler, queued: 12, oldest: ago(400), ...busy },
    ],
    leases: { total: 4, first: [] },
    failing: {
      total: 1,
      first: [
        {
          ...{ reconciler, key: 'k1', attempts: 5, since: ago(61) },
          ...{ lastError: 'AccessDenied: no', nextTry: ago(-16) },
        },
      ],
    },
    stuck: {
      total: 2,
      first: [
        { reconciler, key: 'k2', state: 'working', since: ago(100_000), node: 'there:1/b' },
        { reconciler, key: 'k3', state: 'waiting', since: ago(400) },
      ],
    },
  });
  expect(text).toEqual([
    'nodes     here:4566/a (this one) for 2 hours',
    '          there:1/b for 1 minute, heart beat 2 seconds ago',
    'queue     14 due (codepipeline/action 12 for 6 minutes, event/x 2 for 1 second), 4 at work, 6 for later',
    'failing   1 key',
    '          codepipeline/action k1: failed 5 times, for 1 minute, next try in 16 seconds: AccessDenied: no',
    'stuck     2 keys (due for 5 minutes, or worked on for 15 minutes)',
    '          codepipeline/action k2: worked on by there:1/b for 1 day',
    '          codepipeline/action k3: waits for 6 minutes',
  ]);
});

test('a few of many, and no control characters of whoever chose a name', () => {
  const first = Array.from({ length: 100 }, (_, i) => ({
    ...{ reconciler: 'a/b', key: `\x1b[2J${i}\n`, state: 'waiting' as const, since: ago(400) },
  }));
  const text = engineText({ ...quiet, stuck: { total: 260, first } });
  expect(text).toHaveLength(10);
  expect(text.at(-1)).toBe('          and 255 more: --json');
  expect(text.at(-2)).toBe('          a/b ?[2J4?: waits for 6 minutes');
});
