import type { Instance } from '@aws-sdk/client-ec2';
import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import {
  describe,
  launchInput,
  madeBy,
  mark,
  pinned,
  run,
  terminate,
  unmark,
} from '../effects/instances.ts';
import { deregister, register } from '../effects/targets.ts';
import { DRAIN_MS, LOOK_MS } from '../limits.ts';
import { running } from '../model/advance.ts';
import type { Draft } from '../model/draft.ts';
import {
  type Group,
  isSuspended,
  type Member,
  mayBeIn,
  wantedTargets,
  workOf,
} from '../model/group.ts';
import * as reports from '../model/reports.ts';
import { EC2_CHECK } from '../model/texts.ts';
import { findGroup } from '../store/groups.ts';
import { findMember } from '../store/members.ts';
import { sweeps } from '../sweeps.ts';
import { settle } from './group.ts';
import { groupKey, MEMBER, parseKey } from './names.ts';

interface Its {
  group: Group;
  member: Member;
  tell(command: (draft: Draft) => void): Promise<unknown>;
}

/** Does what an instance needs outside, one thing after another: each can be repeated from what is committed. */
export const memberReconciler = defineReconciler<Platform>({
  name: MEMBER,
  concurrency: 32,
  async reconcile(platform, key, signal) {
    const { rest: slot, ...owner } = parseKey(key);
    while (!signal.aborted) {
      const member = await findMember(platform.db, owner, slot);
      const group = member && (await findGroup(platform.db, owner, member.group));
      if (!group) return undefined;
      const tell = (command: (draft: Draft) => void) =>
        platform.transaction((tx) => settle(platform, tx, groupKey(group), command));
      const again = await step(platform, { group, member, tell });
      if (again !== 'go on')
        return again === undefined ? undefined : new Date(platform.clock.now().getTime() + again);
    }
    return 'now';
  },
  sweep: sweeps[MEMBER],
});

/** @returns in how many milliseconds to look again, or whether to go on at once */
async function step(platform: Platform, its: Its): Promise<number | 'go on' | undefined> {
  const { group, member } = its;
  const work = workOf(group, member);
  if (work === 'launch') return launch(platform, its);
  const id = member.instanceId ?? '';
  if (work === 'balance') return balance(platform, its, id);
  if (work === 'detach') {
    await unlessRefused(unmark(platform, group, id));
    await its.tell((draft) => reports.detached(draft, member.slot));
    return 'go on';
  }
  return look(platform, its, id);
}

async function unlessRefused(doing: Promise<unknown>): Promise<void> {
  try {
    await doing;
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

async function launch(platform: Platform, { group, member, tell }: Its): Promise<'go on'> {
  const { slot, body } = member;
  const launched = (made: Instance) =>
    tell((draft) =>
      reports.launched(draft, slot, {
        instanceId: made.InstanceId ?? '',
        zone: made.Placement?.AvailabilityZone ?? body.zone,
        ...{ subnet: made.SubnetId, type: made.InstanceType, imageId: made.ImageId },
      }),
    );
  try {
    // What it is made with is committed first: asked for again, it is the same.
    if (!body.tags) {
      const exact = await pinned(platform, group, body.launch);
      const { kind } = exact;
      const input = kind === 'configuration' && (await launchInput(platform, group, exact));
      const tags = group.body.tags.filter(({ propagates }) => propagates);
      await tell((draft) => {
        const its = draft.bySlot(slot);
        if (its && !its.body.tags)
          Object.assign(its.body, { launch: exact, tags }, input && { input });
      });
      return 'go on';
    }
    await launched(await run(platform, group, member));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // It may have been made before, and its answer lost: then it is of the group.
    const made = body.tags && (await madeBy(platform, group, slot));
    if (made) await launched(made);
    else await tell((draft) => reports.launchFailed(draft, slot, error.message));
  }
  return 'go on';
}

/** Into the target groups that it is to be in, and out of the others. */
async function balance(
  platform: Platform,
  { group, member, tell }: Its,
  id: string,
): Promise<number | 'go on'> {
  const { slot, body } = member;
  const wanted = wantedTargets(group, member);
  const absent = wanted.filter((arn) => !body.registered.includes(arn));
  const [asked] = absent.filter((arn) => !body.joining.includes(arn));
  // It may be in it from now on, whatever becomes of this process.
  if (asked !== undefined) {
    await tell((draft) => {
      for (const arn of absent) reports.joins(draft, slot, arn);
    });
    return 'go on';
  }
  let refused = false;
  for (const arn of absent) {
    try {
      await register(platform, group, arn, id);
      await tell((draft) => reports.registered(draft, slot, arn));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // One that runs no more is no target; who looks next says so.
      if (ENDED.includes(await stateOf(platform, group, id))) return ill({ group, member, tell });
      platform.log.warn({ err: error, group: group.name, target: arn }, 'not registered');
      await tell((draft) => reports.notRegistered(draft, slot, arn, error.message));
      refused = true;
    }
  }
  let draining = false;
  for (const arn of mayBeIn(member).filter((one) => !wanted.includes(one))) {
    if (await deregister(platform, group, arn, id))
      await tell((draft) => reports.deregistered(draft, slot, arn));
    else draining = true;
  }
  if (draining) return DRAIN_MS;
  return refused ? LOOK_MS : 'go on';
}

const ENDED = ['shutting-down', 'terminated', 'stopping', 'stopped'];

/** One that EC2 does not know any more has ended. */
async function stateOf(platform: Platform, group: Group, id: string): Promise<string> {
  return (await describe(platform, group, [id])).get(id)?.State?.Name ?? 'terminated';
}

async function ill({ member, tell }: Its): Promise<number> {
  await tell((draft) => reports.ill(draft.bySlot(member.slot), EC2_CHECK));
  return LOOK_MS;
}

async function look(
  platform: Platform,
  its: Its,
  id: string,
): Promise<number | 'go on' | undefined> {
  const { group, member, tell } = its;
  const { phase, attached } = member.body;
  if (phase === 'standby' || phase === 'leaving' || phase === 'terminate-wait') return undefined;
  const state = await stateOf(platform, group, id);
  if (phase === 'terminating') {
    if (state === 'terminated') {
      await tell((draft) => reports.terminated(draft, member.slot));
      return 'go on';
    }
    if (state !== 'shutting-down') await terminate(platform, group, id);
    return LOOK_MS;
  }
  if (ENDED.includes(state)) {
    if (member.body.healthy && !isSuspended(group, 'HealthCheck')) await ill(its);
    return undefined;
  }
  if (phase !== 'booting') return undefined;
  if (state !== 'running') return LOOK_MS;
  if (attached)
    try {
      await mark(platform, group, id);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await tell((draft) => reports.attachFailed(draft, member.slot, error.message));
      return 'go on';
    }
  await tell((draft) => running(draft, member.slot));
  return 'go on';
}
