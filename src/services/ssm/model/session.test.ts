import type { SessionFilter } from '@aws-sdk/client-ssm';
import { expect, it } from 'vitest';
import { UNSEEN_MS } from '../limits.ts';
import { type Session, statusAt } from './session.ts';
import { filterProblem, passes } from './session-filters.ts';

const NOW = Date.parse('2026-03-04T05:06:07Z');
const session: Session = {
  ...{ sessionId: 'me-1', accountId: '1', region: 'r', status: 'Connected', startedAt: NOW - 1000 },
  ...{ tokenUntil: 0, seenAt: NOW, target: 'codebuild:1', documentName: 'd', owner: 'arn:me' },
};

it.each([
  ['Connected', {}],
  ['Disconnected', { status: 'Disconnected' }],
  ['Connecting', { status: 'Connecting', seenAt: undefined, tokenUntil: NOW + 1 }],
  ['Terminated', { status: 'Connecting', seenAt: undefined, tokenUntil: NOW }],
  ['Terminated', { seenAt: NOW - UNSEEN_MS - 1 }],
  ['Disconnected', { status: 'Disconnected', seenAt: 0, tokenUntil: NOW + 1 }],
  ['Terminated', { status: 'Terminated', endedAt: NOW }],
] as const)('a session is %s: %j', (status, more) => {
  const found = statusAt({ ...session, ...more } as Session, NOW);
  expect(found.status).toBe(status);
  expect(found.endedAt !== undefined).toBe(status === 'Terminated');
});

it.each([
  ['InvokedAfter', '2026-03-04T00:00:00Z', '2026-03-05T00:00:00Z'],
  ['InvokedBefore', '2026-03-05T00:00:00Z', '2026-03-04T00:00:00Z'],
  ['Target', 'codebuild:1', 'codebuild:2'],
  ['Owner', 'arn:me', 'arn:you'],
  ['Status', 'Connected', 'Terminated'],
  ['SessionId', 'me-1', 'me-2'],
  ['AccessType', 'Standard', 'JustInTime'],
] as [SessionFilter['key'], string, string][])('the filter %s', (key, value, other) => {
  expect([value, other].map((one) => passes(session, { key, value: one }, NOW))).toEqual([
    ...[true, false],
  ]);
});

it('a time is one', () => {
  expect(filterProblem({ key: 'InvokedAfter', value: 'yesterday' })).toContain('is no time');
  expect(filterProblem({ key: 'Owner', value: 'yesterday' })).toBeUndefined();
});
