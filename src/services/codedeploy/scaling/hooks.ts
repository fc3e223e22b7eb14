import { randomUUID } from 'node:crypto';
import type { Tx } from '../../../db/database.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { asGroup } from '../reconcilers/as-role.ts';
import { HOOKS } from '../reconcilers/names.ts';
import { groupArn } from '../resources/deployment-group.ts';
import type { Group, GroupBody } from '../store/applications.ts';
import {
  deleteHook,
  findHook,
  type Hook,
  type HookKind,
  hooksOf,
  putHook,
} from '../store/hooks.ts';
import type { Place } from '../store/tables.ts';
import { sweeps } from '../sweeps.ts';
import { isGone, scalingFor } from './client.ts';
import { HEARTBEAT_SECONDS, hookName, TRANSITIONS } from './names.ts';

type Ctx = Pick<Platform, 'client' | 'transaction' | 'db' | 'engine'>;
type Scaled = Pick<
  GroupBody['info'],
  'autoScalingGroups' | 'terminationHookEnabled' | 'serviceRoleArn'
>;

/** Whoever plans hooks puts them at once; where he dies, the reconciler does it after this. */
const PATIENCE_MS = 30_000;
/** How often it is tried again what Auto Scaling refuses: the sweep does so anyway. */
const AGAIN_MS = 60_000;

/** A deployment group as its hooks know it. */
export interface Owner extends Place {
  groupId: string;
  name: string;
  arn: string;
}

export const ownerOf = (
  { accountId, region }: Place,
  applicationName: string | undefined,
  { groupId, name }: Pick<Group, 'groupId' | 'name'>,
): Owner => ({
  ...{ accountId, region, groupId, name },
  arn: groupArn({ accountId, region }, applicationName, name),
});

/**
 * Notes which hooks a deployment group is to have from now on, before any is put: those that it has and is not to have go (CD-DGF-03, 04).
 * @param info undefined: the group is no more
 * @returns the group's Auto Scaling groups, with the names of their hooks
 */
export async function planHooks(
  tx: Tx,
  ctx: Pick<Platform, 'engine' | 'clock'>,
  owner: Owner,
  info: Scaled | undefined,
  when: 'now' | 'soon' = 'soon',
): Promise<NonNullable<Scaled['autoScalingGroups']>> {
  const names = (info?.autoScalingGroups ?? []).map(({ name = '' }) => name);
  const kinds: HookKind[] = info?.terminationHookEnabled ? ['launch', 'termination'] : ['launch'];
  const all = await hooksOf(tx, owner.groupId);
  const known = all.filter(({ state }) => state !== 'unwanted');
  const { accountId, region, groupId, arn: sourceArn } = owner;
  const roleArn = info?.serviceRoleArn ?? '';
  const wanted: Hook[] = names.flatMap((scalingGroup) =>
    kinds.map(
      (kind) =>
        known.find((hook) => hook.scalingGroup === scalingGroup && hook.kind === kind) ?? {
          ...{ accountId, region, groupId, sourceArn, roleArn, scalingGroup, kind },
          ...{ name: hookName(kind, owner.name, randomUUID()), state: 'wanted' as const },
        },
    ),
  );
  // What has to go does so under the role that the group has now: the one it had may be no more.
  const under = roleArn === '' ? {} : { roleArn, sourceArn };
  const unwanted = all.filter((hook) => !wanted.includes(hook));
  for (const hook of unwanted) await putHook(tx, { ...hook, ...under, state: 'unwanted' });
  for (const hook of wanted) await putHook(tx, { ...hook, sourceArn, roleArn });
  if (unwanted.length > 0 || wanted.some(({ state }) => state === 'wanted')) {
    const later = new Date(ctx.clock.now().getTime() + PATIENCE_MS);
    await ctx.engine.wake(tx, HOOKS, groupId, when === 'now' ? undefined : later);
  }
  const nameOf = (scalingGroup: string, kind: HookKind) =>
    wanted.find((hook) => hook.scalingGroup === scalingGroup && hook.kind === kind)?.name;
  return names.map((name) => {
    const terminationHook = nameOf(name, 'termination');
    return { name, hook: nameOf(name, 'launch'), ...(terminationHook && { terminationHook }) };
  });
}

export interface Settled {
  /** Those that could not be put, with why. */
  refused: { hook: Hook; error: Error }[];
  /** Those that could not be taken away: it is tried again now and then. */
  left: Hook[];
}

/**
 * Puts what is wanted and takes away what is not, as far as Auto Scaling lets it.
 * @throws the error of one that is away for a moment
 */
export async function settleHooks(ctx: Ctx, groupId: string): Promise<Settled> {
  const settled: Settled = { refused: [], left: [] };
  for (const hook of await hooksOf(ctx.db, groupId)) {
    if (hook.state === 'placed') continue;
    const { client, sdk } = await scalingFor(ctx, asGroup(hook, 'CodeDeploy'));
    const named = { LifecycleHookName: hook.name, AutoScalingGroupName: hook.scalingGroup };
    try {
      if (hook.state === 'unwanted') await client.send(new sdk.DeleteLifecycleHookCommand(named));
      else
        await client.send(
          new sdk.PutLifecycleHookCommand({
            ...{ ...named, LifecycleTransition: TRANSITIONS[hook.kind] },
            ...{ HeartbeatTimeout: HEARTBEAT_SECONDS, NotificationMetadata: hook.groupId },
            // What is to be terminated goes whatever becomes of it (CD-ASG-02).
            DefaultResult: hook.kind === 'launch' ? 'ABANDON' : 'CONTINUE',
          }),
        );
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (hook.state === 'wanted') {
        settled.refused.push({ hook, error });
        continue;
      }
      // With its Auto Scaling group it is gone. One that stays holds what comes there: the group could not grow.
      if (!isGone(error)) {
        settled.left.push(hook);
        continue;
      }
    }
    await ctx.transaction(async (tx) => {
      const now = await findHook(tx, hook, hook.name);
      if (hook.state === 'unwanted') {
        // Somebody else has it otherwise meanwhile.
        if (now?.state === 'unwanted') await deleteHook(tx, hook);
      } else if (now?.state === 'wanted') await putHook(tx, { ...now, state: 'placed' });
      else if (now?.state !== 'placed') {
        // It has been taken away, and perhaps before it was put.
        await putHook(tx, { ...(now ?? hook), state: 'unwanted' });
        await ctx.engine.wake(tx, HOOKS, groupId);
      }
    });
  }
  return settled;
}

export const hooksReconciler = defineReconciler<Platform>({
  name: HOOKS,
  async reconcile(ctx, groupId) {
    const { refused, left } = await settleHooks(ctx, groupId);
    for (const { hook, error } of refused)
      ctx.log.warn({ group: hook.sourceArn, err: error }, 'A lifecycle hook could not be put');
    for (const hook of left)
      ctx.log.warn(
        { group: hook.sourceArn, hook: hook.name },
        'A lifecycle hook could not be taken away',
      );
    // What is refused is so until somebody changes something: it is looked at now and then.
    const isOpen = refused.length + left.length > 0;
    return isOpen ? new Date(ctx.clock.now().getTime() + AGAIN_MS) : undefined;
  },
  sweep: sweeps[HOOKS],
});

/** What calls answer of hooks that stay behind. */
export const notCleanedUp = ({ left }: Settled) =>
  left.map(({ scalingGroup: name, name: hook, kind }) =>
    kind === 'launch' ? { name, hook } : { name, terminationHook: hook },
  );
