import { addressesOfInstances } from '../../../kit/load-balancing/instances.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { NEW } from '../../../network/balancing/health.ts';
import { invalid, invalidInstance } from '../errors.ts';
import { MAX_INSTANCES } from '../limits.ts';
import { stateOf } from '../model/health.ts';
import { checkOf, readHealthCheck, shownCheck } from '../model/health-check.ts';
import type { Instance, LoadBalancer } from '../model/things.ts';
import { changed } from '../reconcilers/change.ts';
import { onBalancer } from '../resources/balancer.ts';
import { deleteInstance, listInstances, putInstance } from '../store/instances.ts';
import { elb } from './declare.ts';
import { change, current, registered } from './shared.ts';

type Given = readonly { InstanceId?: string | undefined }[] | undefined;

const idsOf = (given: Given) => [
  ...new Set((given ?? []).map(({ InstanceId = '' }) => InstanceId)),
];

export const registerInstancesWithLoadBalancer = elb(
  'registerInstancesWithLoadBalancer',
  onBalancer,
  async (ctx, input, of) => {
    const places = await placesOf(ctx, of, idsOf(input.Instances));
    return ctx.transaction(async (tx) => {
      const { arn } = await current(ctx, tx, of);
      const there = new Map((await listInstances(tx, arn)).map((one) => [one.id, one]));
      for (const place of places) {
        const known = there.get(place.id);
        // What is registered stays as it is; what drains begins anew.
        if (known && known.drainsUntil === undefined && known.address === place.address) continue;
        const now = {
          ...place,
          balancerArn: arn,
          health: NEW,
          drainsUntil: undefined,
          drained: [],
        };
        await putInstance(tx, now);
        there.set(place.id, now);
      }
      if (there.size > MAX_INSTANCES)
        throw invalid('The quota for the number of registered instances is reached');
      await changed(ctx, tx, arn);
      return { Instances: registered(await listInstances(tx, arn)) };
    });
  },
);

async function placesOf(ctx: ServiceContext, { arn, listeners }: LoadBalancer, ids: string[]) {
  if (ids.length > MAX_INSTANCES)
    throw invalid('The quota for the number of registered instances is reached');
  const addresses = await addressesOfInstances(ctx, arn, ids);
  if ('unknown' in addresses) throw invalidInstance(addresses.unknown);
  const places: Pick<Instance, 'id' | 'address'>[] = [];
  for (const id of ids) {
    const address = addresses.known.get(id);
    if (address === undefined) throw invalidInstance(id, 'It is not running:');
    const out = listeners.find(
      ({ instancePort: port }) => !ctx.balancers.reach({ address, port, ours: true }),
    );
    if (out) throw invalidInstance(id, `The port ${out.instancePort} cannot be reached of`);
    places.push({ id, address });
  }
  return places;
}

export const deregisterInstancesFromLoadBalancer = elb(
  'deregisterInstancesFromLoadBalancer',
  onBalancer,
  async (ctx, input, of) =>
    ctx.transaction(async (tx) => {
      const { arn, attributes, listeners } = await current(ctx, tx, of);
      const { enabled, seconds } = attributes.draining;
      const drainsUntil = ctx.clock.now().getTime() + (enabled ? seconds * 1000 : 0);
      const there = await listInstances(tx, arn);
      for (const id of idsOf(input.Instances)) {
        const found = there.find((one) => one.id === id);
        if (!found) throw invalidInstance(id);
        if (listeners.length === 0) await deleteInstance(tx, found);
        else if (found.drainsUntil === undefined) await putInstance(tx, { ...found, drainsUntil });
      }
      await changed(ctx, tx, arn);
      return { Instances: registered(await listInstances(tx, arn)) };
    }),
);

export const describeInstanceHealth = elb(
  'describeInstanceHealth',
  onBalancer,
  async (ctx, input, { arn }) => {
    const all = await listInstances(ctx.db, arn);
    const ids = idsOf(input.Instances);
    const unknown = ids.find((id) => !all.some((one) => one.id === id));
    if (unknown !== undefined) throw invalidInstance(unknown);
    const wanted = all.filter(({ id }) => ids.length === 0 || ids.includes(id));
    return { InstanceStates: wanted.map(stateOf) };
  },
);

export const configureHealthCheck = elb(
  'configureHealthCheck',
  onBalancer,
  async (ctx, { HealthCheck }, found) => {
    const healthCheck = readHealthCheck(HealthCheck);
    const { port } = checkOf(healthCheck);
    await change(ctx, found, async (one, tx) => {
      for (const { address } of await listInstances(tx, one.arn))
        if (port !== undefined && !ctx.balancers.reach({ address, port, ours: true }))
          throw invalid(`The port ${port} of instances cannot be checked`);
      return { ...one, healthCheck };
    });
    return { HealthCheck: shownCheck(healthCheck) };
  },
);
