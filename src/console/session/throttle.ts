import { createHash } from 'node:crypto';
import type { Platform } from '../../kit/platform.ts';
import { greatest } from '../../lib/append.ts';
import { type Counted, counted, FORGOTTEN_MS, waitMs } from '../model/throttle.ts';
import {
  deleteFailures,
  deleteFailuresBefore,
  findFailures,
  saveFailures,
} from '../store/failures.ts';
import type { Posted } from './begin.ts';
import { refusal } from './words.ts';

/** Whose failures count against a sign-in. */
export type Suspects = readonly [Counted, string][];

/** @param address of the browser */
export function suspectsOf(posted: Posted, account: string, address: string): Suspects {
  const name =
    posted.kind === 'password'
      ? `${posted.account ?? account}/${posted.userName.toLowerCase()}`
      : posted.kind === 'key'
        ? posted.accessKeyId
        : posted.accountId;
  return [
    ['user', idOf(`${posted.kind} ${name}`)],
    ['address', idOf(`address ${address}`)],
  ];
}

const idOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** @throws HttpError 429: before the password is looked at, so that a try costs nothing and tells nothing */
export async function refuseTooMany({ db, clock }: Platform, suspects: Suspects): Promise<void> {
  const now = clock.now().getTime();
  const waits = await Promise.all(
    suspects.map(async ([kind, id]) => {
      const failures = await findFailures(db, id);
      return failures ? waitMs(kind, failures, now) : 0;
    }),
  );
  const seconds = Math.ceil((greatest(waits) ?? 0) / 1000);
  if (seconds > 0) throw tooMany(seconds);
}

export const tooMany = (seconds: number) =>
  refusal(429, 'TooManyFailures', `Too many sign-ins have failed. Try again in ${seconds} s.`, {
    retryAfterSeconds: seconds,
    headers: { 'retry-after': String(seconds) },
  });

/** Counts a sign-in that has failed, over all nodes. */
export async function noteFailure(
  { transaction, clock }: Platform,
  suspects: Suspects,
): Promise<void> {
  const now = clock.now().getTime();
  await transaction(async (tx) => {
    await deleteFailuresBefore(tx, now - FORGOTTEN_MS);
    for (const [, id] of suspects)
      await saveFailures(tx, id, counted(await findFailures(tx, id), now));
  });
}

/** Whoever knows the password has not been guessing. The address keeps its count: others may be behind it. */
export async function forgiveUser({ transaction }: Platform, suspects: Suspects): Promise<void> {
  await transaction(async (tx) => {
    for (const [kind, id] of suspects) if (kind === 'user') await deleteFailures(tx, id);
  });
}
