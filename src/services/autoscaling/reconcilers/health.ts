import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { describe } from '../effects/instances.ts';
import { healthIn } from '../effects/targets.ts';
import { HEALTH_MS } from '../limits.ts';
import { type Group, isSuspended, type Member } from '../model/group.ts';
import * as reports from '../model/reports.ts';
import { EC2_CHECK, ELB_CHECK } from '../model/texts.ts';
import { findGroup } from '../store/groups.ts';
import { membersOf } from '../store/members.ts';
import { sweeps } from '../sweeps.ts';
import { settle } from './group.ts';
import { groupKey, HEALTH, parseKey } from './names.ts';

/** Looks how a group's instances are: for EC2 it is told of what happens, and looks once a minute for what it missed. */
export const healthReconciler = defineReconciler<Platform>({
  name: HEALTH,
  async reconcile(platform, key) {
    const { rest: name, ...owner } = parseKey(key);
    const group = await findGroup(platform.db, owner, name);
    if (!group || group.body.deleting) return undefined;
    const members = await membersOf(platform.db, owner, name);
    const inService = members.filter(
      ({ body, instanceId }) => body.phase === 'in-service' && body.healthy && instanceId,
    );
    if (inService.length > 0 && !isSuspended(group, 'HealthCheck')) {
      const found = await unwell(platform, group, inService);
      if (found.size > 0)
        await platform.transaction((tx) =>
          settle(platform, tx, groupKey(group), (draft) => {
            for (const [slot, why] of found) reports.ill(draft.bySlot(slot), why);
          }),
        );
    }
    const checksTargets = group.body.health === 'ELB' && group.body.targetGroups.length > 0;
    return checksTargets ? new Date(platform.clock.now().getTime() + HEALTH_MS) : undefined;
  },
  sweep: sweeps[HEALTH],
});

/** Why each is not well, by their slots. */
async function unwell(
  platform: Platform,
  group: Group,
  members: readonly Member[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const ids = members.map(({ instanceId = '' }) => instanceId);
  const seen = await describe(platform, group, ids);
  for (const { slot, instanceId = '' } of members)
    if (!['pending', 'running'].includes(seen.get(instanceId)?.State?.Name ?? ''))
      found.set(slot, EC2_CHECK);
  if (group.body.health !== 'ELB') return found;
  const now = platform.clock.now().getTime();
  for (const arn of group.body.targetGroups)
    for (const { Target, TargetHealth } of await healthIn(platform, group, arn)) {
      if (TargetHealth?.State !== 'unhealthy') continue;
      const member = members.find(({ instanceId }) => instanceId === Target?.Id);
      const isNew = now < (member?.body.inServiceAt ?? now) + group.body.grace * 1000;
      if (member && !isNew && !found.has(member.slot)) found.set(member.slot, ELB_CHECK);
    }
  return found;
}
