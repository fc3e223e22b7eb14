import type { Tx } from '../../../db/database.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import type { Instance } from '../model/instance.ts';
import { usersOf } from '../store/instances.ts';
import { PLACES } from './names.ts';

/** Removes the network of an account's instances, and the volume with their tools, when there is none left that has it. */
export const placesReconciler = defineReconciler<Platform>({
  name: PLACES,
  async reconcile({ db, executors }, key) {
    const [kind, name = ''] = key.split('/');
    // Who makes another instance waits for nobody here: its container keeps the volume, and it makes what it misses again.
    if (await usersOf(db, name)) return undefined;
    if (kind === 'network') await executors.removeNetwork(name);
    else await executors.removeVolume(name);
    return undefined;
  },
});

/** An instance is gone from them. */
export async function leavePlaces(
  { engine }: Pick<Platform, 'engine'>,
  tx: Tx,
  { body: { place } }: Instance,
): Promise<void> {
  await engine.wake(tx, PLACES, `network/${place.network}`);
  await engine.wake(tx, PLACES, `tools/${place.tools}`);
}
