import type { SessionFilter } from '@aws-sdk/client-ssm';
import { type Session, statusAt } from './session.ts';

/** What is wrong with a filter of DescribeSessions; undefined where nothing is. */
export function filterProblem({ key, value = '' }: SessionFilter): string | undefined {
  const timed = key === 'InvokedAfter' || key === 'InvokedBefore';
  if (timed && Number.isNaN(timeOf(value)))
    return `The value ${value} of the filter ${key} is no time such as 2026-08-29T00:00:00Z.`;
  return undefined;
}

/** Does a session pass a filter? Sessions of the access type JustInTime there are none. */
export function passes(session: Session, { key, value = '' }: SessionFilter, now: number): boolean {
  const { startedAt, target, owner, sessionId } = session;
  switch (key) {
    case 'InvokedAfter':
      return startedAt >= timeOf(value);
    case 'InvokedBefore':
      return startedAt < timeOf(value);
    case 'Target':
      return target === value;
    case 'Owner':
      return owner === value;
    case 'Status':
      return statusAt(session, now).status === value;
    case 'SessionId':
      return sessionId === value;
    default:
      return value === 'Standard';
  }
}

const timeOf = (value: string): number =>
  /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
