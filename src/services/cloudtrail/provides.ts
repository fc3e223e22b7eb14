import type { Provides } from '../../kit/provides.ts';
import { makeHistory } from './history/keep.ts';
import { tellOfCalls } from './history/tell.ts';

/** The audit: keeps every call that manages something. */
export const provides: Partial<Provides> = {
  observer: ({ database, clock, events, failed }) =>
    makeHistory({
      database,
      clock,
      tell: (tx, owner, lines) => tellOfCalls(tx, events(), owner, lines),
      failed: (error) => failed(error, 'events of calls were not written; they are tried again'),
      lost: (count) => failed(undefined, `${count} events of calls are lost: no room for them`),
    }),
};
