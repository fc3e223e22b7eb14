import type * as sdk from '@aws-sdk/client-ec2';
import type { Tx } from '../../../db/database.ts';
import type { Named } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { incorrectState, notFound, protectedFrom } from '../errors.ts';
import type { Draft } from '../model/advance.ts';
import type { Instance } from '../model/instance.ts';
import { settle } from '../reconcilers/instance.ts';
import { instanceKey } from '../reconcilers/names.ts';
import { atInstances } from '../resources/instance.ts';
import { findInstances } from '../store/instances.ts';
import { ec2 } from './declare.ts';
import { refuse } from './inputs.ts';
import { stateShape } from './instance-shape.ts';

/** Tells several of something in one transaction: all of them or none. */
async function tellEach(
  ctx: ServiceContext,
  located: readonly Named[],
  check: (instance: Instance) => void,
  command: (draft: Draft) => void,
): Promise<sdk.InstanceStateChange[]> {
  return ctx.transaction(async (tx) => {
    const found = await needAll(tx, ctx, located);
    for (const instance of found) check(instance);
    const changes: sdk.InstanceStateChange[] = [];
    for (const instance of found) {
      const key = instanceKey(instance, instance.id);
      const changed = await settle(ctx, tx, key, (draft) => {
        command(draft);
        return draft.state.state;
      });
      changes.push({
        InstanceId: instance.id,
        CurrentState: stateShape(changed?.result ?? instance.state),
        PreviousState: stateShape(instance.state),
      });
    }
    return changes;
  });
}

/** @throws InvalidInstanceID.NotFound that names those that are not there */
export async function needAll(
  tx: Tx,
  ctx: ServiceContext,
  located: readonly Named[],
): Promise<Instance[]> {
  const ids = [...new Set(located.map(({ name }) => name))];
  const found = await findInstances(tx, ctx, ids);
  const absent = ids.filter((id) => !found.has(id));
  if (absent.length > 0) throw notFound('i', absent);
  return ids.flatMap((id) => found.get(id) ?? []);
}

const unless =
  (...states: Instance['state'][]) =>
  ({ id, state }: Instance) => {
    if (states.includes(state)) throw incorrectState(id, state);
  };

export const startInstances = ec2('startInstances', atInstances, async (ctx, input, located) => {
  refuse(input, 'StartInstances', ['AdditionalInfo']);
  const check = unless('shutting-down', 'terminated', 'stopping');
  return { StartingInstances: await tellEach(ctx, located, check, (draft) => draft.start()) };
});

export const stopInstances = ec2('stopInstances', atInstances, async (ctx, input, located) => {
  refuse(input, 'StopInstances', ['Hibernate']);
  const check = (instance: Instance) => {
    unless('shutting-down', 'terminated')(instance);
    if (instance.body.keepsRunning.stop)
      throw protectedFrom('stopped', instance.id, 'disableApiStop');
  };
  return { StoppingInstances: await tellEach(ctx, located, check, (draft) => draft.stop()) };
});

export const rebootInstances = ec2('rebootInstances', atInstances, async (ctx, _input, located) => {
  const check = unless('shutting-down', 'terminated', 'stopping', 'stopped');
  await tellEach(ctx, located, check, (draft) => draft.reboot());
  return {};
});

export const terminateInstances = ec2(
  'terminateInstances',
  atInstances,
  async (ctx, _input, located) => {
    const check = ({ id, body, state }: Instance) => {
      if (body.keepsRunning.termination && state !== 'terminated')
        throw protectedFrom('terminated', id, 'disableApiTermination');
    };
    const told = await tellEach(ctx, located, check, (draft) => draft.terminate());
    return { TerminatingInstances: told };
  },
);
