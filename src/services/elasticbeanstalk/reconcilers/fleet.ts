import { defineReconciler } from '../../../engine/engine.ts';
import { failureOf } from '../../../kit/delivery/failure.ts';
import type { Platform } from '../../../kit/service.ts';
import { balance } from '../effects/balance.ts';
import { handsOf } from '../effects/clients.ts';
import { CannotProvision, provision, resize } from '../effects/provision.ts';
import { remove } from '../effects/remove.ts';
import { look } from '../effects/watch.ts';
import { BUSY_MS, CALM_MS } from '../limits.ts';
import { refuse } from '../model/advance.ts';
import { type Draft, type Work, workOf } from '../model/draft.ts';
import type { Environment } from '../model/environment.ts';
import { findEnvironment } from '../store/environments.ts';
import { sweeps } from '../sweeps.ts';
import { settle } from './environment.ts';
import { FLEET, parseKey } from './names.ts';

/** Environments that something is done for at the same time. */
const CONCURRENCY = 20;

/**
 * Does what an environment needs of other services: makes what it has, by names that follow from its id, so that doing it twice does
 * it once; looks which instances there are; takes them out of the balancer and puts them in; removes it all.
 */
export const fleetReconciler = defineReconciler<Platform>({
  name: FLEET,
  concurrency: CONCURRENCY,
  async reconcile(platform, key) {
    const { id, ...owner } = parseKey(key);
    const environment = await findEnvironment(platform.db, owner, id);
    const work = environment && workOf(environment);
    if (!environment || !work) return undefined;
    const tell = (command: (draft: Draft) => void) =>
      platform.transaction((tx) => settle(platform, tx, key, command));
    try {
      await act(platform, environment, work, tell);
    } catch (error) {
      const why = whyNot(error);
      if (why === undefined) throw error;
      platform.log.info({ environment: id, why }, 'an environment is refused its work');
      if (work.kind !== 'watch') await tell((draft) => refuse(draft, why));
    }
    const now = await findEnvironment(platform.db, owner, id);
    const next = now && workOf(now);
    if (!now || !next) return undefined;
    const isOther = JSON.stringify(next) !== JSON.stringify(work);
    const at = platform.clock.now().getTime();
    if (isOther) return 'now';
    const isBusy = now.body.operation !== undefined || next.kind !== 'watch';
    return new Date(at + (isBusy ? BUSY_MS : CALM_MS));
  },
  sweep: sweeps[FLEET],
});

async function act(
  platform: Platform,
  environment: Environment,
  work: Work,
  tell: (command: (draft: Draft) => void) => Promise<unknown>,
): Promise<void> {
  const hands = await handsOf(platform, environment);
  if (work.kind === 'provision') {
    const { resources, made, endpoint } = await provision(hands, environment);
    await tell((draft) => {
      draft.provisioned(resources, made);
      if (endpoint) draft.body.endpoint = endpoint;
    });
    return;
  }
  if (work.kind === 'remove') {
    if (await remove(hands, environment)) await tell((draft) => draft.removed());
    return;
  }
  if (work.kind === 'resize') {
    await resize(hands, environment);
    await tell((draft) => draft.resized());
    return;
  }
  const { ids, endpoint } = await look(hands, environment);
  if (work.kind !== 'balance') return void (await tell((draft) => draft.seen(ids, endpoint)));
  const here = (all: string[]) => all.filter((id) => ids.includes(id));
  const { left, joined } = await balance(hands, environment, {
    ...{ kind: 'balance', leave: here(work.leave) },
    ...{ join: here(work.join), rejoin: here(work.rejoin) },
  });
  await tell((draft) => {
    draft.seen(ids, endpoint);
    for (const id of left) draft.left(id);
    for (const id of joined) draft.joined(id);
  });
}

/** Why something cannot be, where another try will not help. */
function whyNot(error: unknown): string | undefined {
  if (error instanceof CannotProvision) return error.message;
  const { message, again } = failureOf(error);
  return again ? undefined : message;
}
