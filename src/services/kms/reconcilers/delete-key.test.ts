import { expect, it } from 'vitest';
import { eachDialect } from '../../../db/testing.ts';
import { world } from '../../../testing.ts';
import service from '../index.ts';
import type { Key } from '../model/key.ts';
import { findAlias, findKey, insertAlias, insertKey, updateKey } from '../store/keys.ts';
import { deleteKeyReconciler } from './delete-key.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const signal = new AbortController().signal;

eachDialect('KMS key deletion', (makeDatabase) => {
  it('waits for its date, takes the aliases along, and lets go of a key that was taken back', async () => {
    const { platform: ctx, clock } = await world(makeDatabase, [service]);
    const { db } = ctx;
    const place = { accountId: '1', region: 'r' };
    const deletionAt = new Date(clock.now().getTime() + 7 * DAY_MS);
    const key = (keyId: string): Key => ({
      ...place,
      keyId,
      manager: 'CUSTOMER',
      state: 'PendingDeletion',
      createdAt: clock.now(),
      deletionAt,
      description: '',
      policy: '{}',
      tags: [{ TagKey: 'a', TagValue: 'b' }],
      material: 'sealed',
    });
    const now = clock.now();
    await ctx.transaction(async (tx) => {
      for (const keyId of ['gone', 'kept']) {
        await insertKey(tx, key(keyId));
        await insertAlias(tx, place, {
          aliasName: `alias/${keyId}`,
          keyId,
          createdAt: now,
          updatedAt: now,
        });
      }
    });
    expect(await findKey(db, 'gone')).toEqual(key('gone'));
    expect(await deleteKeyReconciler.reconcile(ctx, 'gone', signal)).toEqual(deletionAt);
    expect(await deleteKeyReconciler.sweep?.(ctx)).toEqual([]);

    const back: Key = { ...key('kept'), state: 'Disabled', deletionAt: undefined };
    await ctx.transaction((tx) => updateKey(tx, back));
    clock.advance(7 * DAY_MS);
    expect(await deleteKeyReconciler.sweep?.(ctx)).toEqual(['gone']);
    for (const keyId of ['gone', 'kept', 'gone']) {
      expect(await deleteKeyReconciler.reconcile(ctx, keyId, signal)).toBeUndefined();
    }
    expect(await findKey(db, 'gone')).toBeUndefined();
    expect(await findAlias(db, place, 'alias/gone')).toBeUndefined();
    expect(await findKey(db, 'kept')).toEqual(back);
    expect(await findAlias(db, place, 'alias/kept')).toMatchObject({ keyId: 'kept' });
  });
});
