import type { Principal } from '../../../aws/principal.ts';
import type { Database } from '../../../db/database.ts';
import type { CallObserver } from '../../../kit/provides.ts';
import type { Clock } from '../../../lib/clock.ts';
import { identityIdOf } from '../model/names.ts';
import { findIdentityById } from '../store/identities.ts';
import { setRoleUse } from '../store/role-use.ts';

/** A use is not written when one was so short a time ago: GetRole tells the time of the last one to the minute. */
const GRAIN_MS = 60_000;
const MAX_ROLES = 10_000;

/** Keeps when and where roles were last used, from the records of calls. */
export interface RoleUses extends CallObserver {
  note(call: { principal?: Principal | undefined; region?: string | undefined }): void;
}

export function makeRoleUses({
  database,
  clock,
  failed,
}: {
  database: Pick<Database, 'db' | 'transaction'>;
  clock: Clock;
  failed(error: unknown): void;
}): RoleUses {
  const written = new Map<string, number>();
  let pending: Promise<void> = Promise.resolve();

  async function write(roleId: string, usedAt: Date, region: string): Promise<void> {
    await database.transaction(async (tx) => {
      if (await findIdentityById(tx, roleId)) await setRoleUse(tx, roleId, { usedAt, region });
    });
  }

  return {
    note({ principal, region }) {
      if (principal?.type !== 'assumed-role' || region === undefined) return;
      const roleId = identityIdOf(principal) ?? '';
      const now = clock.now();
      if (now.getTime() - (written.get(roleId) ?? 0) < GRAIN_MS) return;
      if (written.size >= MAX_ROLES) written.clear();
      written.set(roleId, now.getTime());
      // IAM's dates are whole seconds.
      const usedAt = new Date(Math.floor(now.getTime() / 1000) * 1000);
      pending = pending.then(() => write(roleId, usedAt, region)).catch(failed);
    },
    settled: () => pending,
  };
}
