import { sha256Hex } from '../../aws/auth/signing-key.ts';
import type { Tx } from '../../db/database.ts';
import type { Platform } from '../../kit/platform.ts';
import { greatest } from '../../lib/append.ts';
import {
  type Counted,
  counted,
  type Failures,
  FORGOTTEN_MS,
  networkOf,
  waitMs,
} from '../model/throttle.ts';
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
export function suspectsOf(posted: Posted, address: string): Suspects {
  const name = `${posted.kind} ${nameOf(posted)}`;
  const network = networkOf(address);
  return [
    ['both', sha256Hex(`${name} from ${network}`)],
    ['name', sha256Hex(name)],
    ['address', sha256Hex(`address ${network}`)],
  ];
}

/** The same however an account is called, by alias or number. */
function nameOf(posted: Posted): string {
  if (posted.kind === 'key') return posted.accessKeyId;
  if (posted.kind === 'account') return posted.accountId;
  return `${posted.accountId ?? posted.account}/${posted.userName}`.toLowerCase();
}

/** @throws HttpError 429: before the password is looked at, so that a try costs nothing and tells nothing */
export async function refuseTooMany({ db, clock }: Platform, suspects: Suspects): Promise<void> {
  refuse(longestWait(await heldAgainst(db, suspects), clock.now().getTime()));
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
    const held = await heldAgainst(tx, suspects);
    const before = longestWait(held, now);
    if (before > 0) return before;
    await deleteFailuresBefore(tx, now - FORGOTTEN_MS);
    for (const { id, failures } of held) await saveFailures(tx, id, counted(failures, now));
    return 0;
  });
  refuse(wait);
}

interface Held {
  kind: Counted;
  id: string;
  failures: Failures | undefined;
}

async function heldAgainst(tx: Tx, suspects: Suspects): Promise<Held[]> {
  const held: Held[] = [];
  for (const [kind, id] of suspects) held.push({ kind, id, failures: await findFailures(tx, id) });
  return held;
}

function longestWait(held: readonly Held[], now: number): number {
  const waits = held.map(({ kind, failures }) => (failures ? waitMs(kind, failures, now) : 0));
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
