import { instanceStates } from '../../../kit/instance-states.ts';
import type { Environment } from '../model/environment.ts';
import { sizeOf } from '../model/settings.ts';
import { listEnvironments } from '../store/environments.ts';
import { environmentKey, FLEET } from './names.ts';

/** Is it one of them, or may it be one that is waited for? */
const mayBeOf = (environment: Environment, id: string): boolean => {
  const { status, body } = environment;
  if (status === 'Terminated' || !body.resources) return false;
  const waits = Object.keys(body.instances).length < sizeOf(environment).least;
  return waits || body.operation !== undefined || Object.hasOwn(body.instances, id);
};

/** An instance that comes or goes may be one of an environment's: its group is looked at then, and not only now and then. */
export const instanceChanged = instanceStates({
  name: 'elasticbeanstalk/instance-changed',
  states: ['running', 'shutting-down', 'terminated'],
  async changed(ctx, tx, place, id) {
    for (const environment of await listEnvironments(tx, place))
      if (mayBeOf(environment, id)) await ctx.engine.wake(tx, FLEET, environmentKey(environment));
  },
});
