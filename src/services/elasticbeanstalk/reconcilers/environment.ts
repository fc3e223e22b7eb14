import { defineMachine } from '../../../engine/machine.ts';
import type { Platform } from '../../../kit/service.ts';
import { decisions } from '../model/advance.ts';
import type { Environment, Operation } from '../model/environment.ts';
import { eventOf, type Said } from '../model/events.ts';
import { deleteEnvironment, findEnvironment, updateEnvironment } from '../store/environments.ts';
import { insertEvents } from '../store/events.ts';
import { sweeps } from '../sweeps.ts';
import { ENVIRONMENT, parseKey } from './names.ts';

type Ctx = Pick<Platform, 'clock' | 'db' | 'engine' | 'events'>;

/** An environment. What its states need of other services is done by `elasticbeanstalk/fleet`, which brings its results in here. */
const environments = defineMachine({
  name: ENVIRONMENT,
  ...decisions,
  async load(_ctx: Ctx, tx, key) {
    const { id, ...owner } = parseKey(key);
    const snapshot = await findEnvironment(tx, owner, id);
    return snapshot && { snapshot };
  },
  async write(ctx: Ctx, tx, { snapshot }, { writes: { changed, said, forget }, now }) {
    const of = changed ?? snapshot;
    if (changed) await updateEnvironment(tx, changed);
    const first = of.body.said - said.length;
    await insertEvents(
      tx,
      // What ends with this is no operation any more: its events are of it all the same.
      said.map((one, index) =>
        storedEvent(of, snapshot.body.operation ?? of.body.operation, one, now, first + index),
      ),
    );
    for (const one of said)
      if (one.told) await ctx.events.publish(tx, eventOf(of, one, one.told, now));
    if (forget) await deleteEnvironment(tx, snapshot);
  },
  sweep: sweeps[ENVIRONMENT],
});

const storedEvent = (
  of: Environment,
  operation: Operation | undefined,
  { severity, message }: Said,
  at: number,
  index: number,
) => ({
  ...{ accountId: of.accountId, region: of.region, at, severity, message },
  id: `${of.id}-${String(index).padStart(9, '0')}`,
  ...{ application: of.application, environmentId: of.id, environmentName: of.name },
  ...(operation && { requestId: operation.requestId, version: operation.command.release.label }),
  ...(of.body.template !== undefined && { template: of.body.template }),
});

export const environmentReconciler = environments.reconciler;

/** Does a command on an environment, and all that follows from it. */
export const settle = environments.change;
