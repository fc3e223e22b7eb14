import { unsupported } from '../../../aws/errors.ts';
import { need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { NEW } from '../../../network/balancing/health.ts';
import { groupNotFound, invalidTarget, tooManyTargets } from '../errors.ts';
import { MAX_TARGETS } from '../limits.ts';
import { attribute, GROUP_ATTRIBUTES } from '../model/attributes.ts';
import { healthOf, NOT_REGISTERED } from '../model/health.ts';
import { layerOf } from '../model/protocols.ts';
import type { Target, TargetGroup } from '../model/things.ts';
import { changed } from '../reconcilers/change.ts';
import { group, onGroup } from '../resources/kinds.ts';
import { findGroup, userOf } from '../store/groups.ts';
import { deleteTarget, listTargets, putTarget } from '../store/targets.ts';
import { placesOf } from '../targets/places.ts';
import { elbv2 } from './declare.ts';

export const registerTargets = elbv2('registerTargets', onGroup, async (ctx, input, found) => {
  const { Targets = [] } = input;
  if (Targets.length === 0) throw invalidTarget('At least one target must be specified');
  const places = await placesOf(ctx, found, Targets);
  await ctx.transaction(async (tx) => {
    const { arn } = await need(tx, group, group.locate(ctx, found.arn));
    const there = new Map((await listTargets(tx, arn)).map((one) => [keyOf(one), one]));
    for (const place of places) {
      const known = there.get(keyOf(place));
      // What is registered stays as it is; what drains begins anew.
      if (known && known.drainsUntil === undefined && known.address === place.address) continue;
      const target = { ...place, groupArn: arn, drainsUntil: undefined, health: NEW };
      await putTarget(tx, target);
      there.set(keyOf(place), target);
    }
    if (there.size > MAX_TARGETS) throw tooManyTargets();
    const user = await userOf(tx, arn);
    if (user !== undefined) await changed(ctx, tx, user);
  });
  return {};
});

const keyOf = ({ id, port }: Pick<Target, 'id' | 'port'>) => `${id}:${port}`;

export const deregisterTargets = elbv2('deregisterTargets', onGroup, async (ctx, input, found) => {
  const { Targets = [] } = input;
  await ctx.transaction(async (tx) => {
    const now = await need(tx, group, group.locate(ctx, found.arn));
    const there = await listTargets(tx, now.arn);
    const user = await userOf(tx, now.arn);
    const delay = 'deregistration_delay.timeout_seconds';
    const seconds = Number(
      attribute(GROUP_ATTRIBUTES[layerOf(now.protocol)], now.attributes, delay),
    );
    const drainsUntil = ctx.clock.now().getTime() + seconds * 1000;
    for (const { Id = '', Port } of Targets) {
      // Without a port all of them, as long as they have the group's or were said without.
      const meant = there.filter(({ id, port }) => id === Id && port === (Port ?? now.port));
      if (meant.length === 0)
        throw invalidTarget(
          `The following targets are not registered to the target group: '${Id}'`,
        );
      for (const target of meant) {
        if (user === undefined) await deleteTarget(tx, target);
        else if (target.drainsUntil === undefined) await putTarget(tx, { ...target, drainsUntil });
      }
    }
    if (user !== undefined) await changed(ctx, tx, user);
  });
  return {};
});

export const describeTargetHealth = elbv2('describeTargetHealth', {}, async (ctx, input) => {
  if (input.Include?.length) throw unsupported('Include of DescribeTargetHealth');
  const found = await ownGroup(ctx, input.TargetGroupArn ?? '');
  const used = (await userOf(ctx.db, found.arn)) !== undefined;
  const all = await listTargets(ctx.db, found.arn);
  const { port: checkPort, enabled: checked } = found.health;
  const described = (target: Target) => ({
    Target: {
      ...{ Id: target.id, Port: target.port },
      ...(target.zone !== undefined && { AvailabilityZone: target.zone }),
    },
    HealthCheckPort: checkPort === 'traffic-port' ? String(target.port) : checkPort,
    TargetHealth: healthOf(target, { used, checked }),
  });
  if (!input.Targets?.length) return { TargetHealthDescriptions: all.map(described) };
  return {
    TargetHealthDescriptions: input.Targets.map(({ Id = '', Port = found.port }) => {
      const target = all.find(({ id, port }) => id === Id && port === Port);
      return target ? described(target) : { Target: { Id, Port }, TargetHealth: NOT_REGISTERED };
    }),
  };
});

async function ownGroup(ctx: ServiceContext, arn: string): Promise<TargetGroup> {
  const located = group.locate(ctx, arn);
  const found = located.accountId === ctx.accountId && (await findGroup(ctx.db, arn));
  if (!found || found.region !== ctx.region) throw groupNotFound();
  return found;
}
