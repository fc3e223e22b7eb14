import { sha256Hex } from '../../aws/auth/signing-key.ts';
import type { Tx } from '../../db/database.ts';
import type { Platform } from '../../kit/platform.ts';
import type { SignIn } from '../../kit/sign-in.ts';
import { greatest } from '../../lib/append.ts';
import { type Counted, counted, FORGOTTEN_MS, networkOf, waitMs } from '../model/throttle.ts';
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
export async function suspectsOf(
  { config }: Platform,
  signIn: SignIn | undefined,
  posted: Posted,
  address: string,
): Promise<Suspects> {
  const name = `${posted.kind} ${await nameOf(posted, signIn, config.accountId)}`;
  const network = networkOf(address);
  return [
    ['both', sha256Hex(`${name} from ${network}`)],
    ['name', sha256Hex(name)],
    ['address', sha256Hex(`address ${network}`)],
  ];
}

/** The same however an account is called, by alias or number. */
async function nameOf(posted: Posted, signIn: SignIn | undefined, own: string): Promise<string> {
  if (posted.kind === 'key') return posted.accessKeyId;
  if (posted.kind === 'account') return posted.accountId;
  const named = posted.account ?? own;
  const account = /^\d{12}$/.test(named) ? named : await signIn?.accountOf(named);
  return `${account ?? named}/${posted.userName}`.toLowerCase();
}

/** @throws HttpError 429: before the password is looked at, so that a try costs nothing and tells nothing */
export async function refuseTooMany({ db, clock }: Platform, suspects: Suspects): Promise<void> {
  refuse(await longestWait(db, suspects, clock.now().getTime()));
}

/**
 * Counts a try as one that has failed, over all nodes, until it is forgiven: as many as are made at once would all be looked at
 * otherwise.
 * @throws HttpError 429
 */
export async function countTry(
  { transaction, clock }: Platform,
  suspects: Suspects,
): Promise<void> {
  const wait = await transaction(async (tx) => {
    const now = clock.now().getTime();
    const before = await longestWait(tx, suspects, now);
    if (before > 0) return before;
    await deleteFailuresBefore(tx, now - FORGOTTEN_MS);
    for (const [, id] of suspects)
      await saveFailures(tx, id, counted(await findFailures(tx, id), now));
    return 0;
  });
  refuse(wait);
}

async function longestWait(tx: Tx, suspects: Suspects, now: number): Promise<number> {
  const waits: number[] = [];
  for (const [kind, id] of suspects) {
    const failures = await findFailures(tx, id);
    if (failures) waits.push(waitMs(kind, failures, now));
  }
  return greatest(waits) ?? 0;
}

function refuse(ms: number): void {
  if (ms > 0) throw tooMany(Math.ceil(ms / 1000));
}

export const tooMany = (seconds: number) =>
  refusal(429, 'TooManyFailures', `Too many sign-ins have failed. Try again in ${seconds} s.`, {
    retryAfterSeconds: seconds,
    headers: { 'retry-after': String(seconds) },
  });

/** Whoever knows the password has not been guessing. The address keeps its count but for this try: others may be behind it. */
export async function forgive({ transaction }: Platform, suspects: Suspects): Promise<void> {
  await transaction(async (tx) => {
    for (const [kind, id] of suspects) {
      const known = kind === 'address' ? await findFailures(tx, id) : undefined;
      if (known && known.failures > 1)
        await saveFailures(tx, id, { ...known, failures: known.failures - 1 });
      else await deleteFailures(tx, id);
    }
  });
}
