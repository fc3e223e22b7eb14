import { invalid, limit, noAction, noHook } from '../errors.ts';
import { MAX_HOOKS } from '../limits.ts';
import type { Draft } from '../model/draft.ts';
import { arnOf, LAUNCHING, type Member, TERMINATING } from '../model/group.ts';
import { complete } from '../model/leave.ts';
import { onGroup } from '../resources/group.ts';
import { autoscaling, changed, needGroup } from './declare.ts';
import { readHook } from './hook-input.ts';
import { hookShape } from './shapes.ts';

export const putLifecycleHook = autoscaling(
  'putLifecycleHook',
  onGroup,
  async (ctx, input, group) => {
    const { LifecycleHookName: name } = input;
    const before = group.body.hooks.find((hook) => hook.name === name);
    const hook = await readHook(ctx, arnOf(group), input, before);
    await changed(ctx, group, (draft) => {
      const others = draft.body.hooks.filter((one) => one.name !== hook.name);
      if (others.length >= MAX_HOOKS) throw limit('lifecycle hooks', MAX_HOOKS);
      draft.body.hooks = [...others, hook];
      if (!input.NotificationTargetARN || hook.target === undefined) return;
      const { target, roleArn } = hook;
      draft.tellTest({ target, ...(roleArn && { roleArn }) });
    });
    return {};
  },
);

export const describeLifecycleHooks = autoscaling(
  'describeLifecycleHooks',
  {},
  async (ctx, { AutoScalingGroupName = '', LifecycleHookNames: names = [] }) => {
    const group = await needGroup(ctx, AutoScalingGroupName);
    const shown = group.body.hooks.filter(({ name }) => names.length === 0 || names.includes(name));
    return { LifecycleHooks: shown.map((hook) => hookShape(group.name, hook)) };
  },
);

/** What it holds goes on: what is launched is given up, as AWS has it. */
export const deleteLifecycleHook = autoscaling(
  'deleteLifecycleHook',
  onGroup,
  async (ctx, { LifecycleHookName: name = '' }, group) => {
    await changed(ctx, group, (draft) => {
      if (!draft.body.hooks.some((hook) => hook.name === name)) throw noHook(name);
      draft.body.hooks = draft.body.hooks.filter((hook) => hook.name !== name);
      for (const member of [...draft.members])
        complete(draft, member, name, member.body.phase === 'launch-wait' ? 'ABANDON' : 'CONTINUE');
    });
    return {};
  },
);

interface NamesAction {
  LifecycleHookName?: string | undefined;
  LifecycleActionToken?: string | undefined;
  InstanceId?: string | undefined;
}

/** The instance that a hook holds. @throws ValidationError where it holds none of that name */
function heldBy(draft: Draft, input: NamesAction): Member {
  const { LifecycleHookName: name = '', LifecycleActionToken: token, InstanceId: id } = input;
  if (token === undefined && id === undefined)
    throw invalid('Valid requests must contain either LifecycleActionToken or InstanceId.');
  const found = draft.members.find(
    ({ instanceId, body }) =>
      (id === undefined || instanceId === id) &&
      body.held.some((held) => held.hook === name && (token === undefined || held.token === token)),
  );
  if (!found) throw noAction(id === undefined ? `token ${token}` : `instance ID ${id}`);
  return found;
}

export const completeLifecycleAction = autoscaling(
  'completeLifecycleAction',
  onGroup,
  async (ctx, input, group) => {
    const { LifecycleHookName: name = '', LifecycleActionResult: result } = input;
    if (result !== 'CONTINUE' && result !== 'ABANDON')
      throw invalid(`Invalid lifecycle action result: ${result}`);
    await changed(ctx, group, (draft) => complete(draft, heldBy(draft, input), name, result));
    return {};
  },
);

export const recordLifecycleActionHeartbeat = autoscaling(
  'recordLifecycleActionHeartbeat',
  onGroup,
  async (ctx, input, group) => {
    await changed(ctx, group, (draft, now) => {
      const { LifecycleHookName: name } = input;
      const hook = draft.body.hooks.find((one) => one.name === name);
      for (const held of heldBy(draft, input).body.held)
        if (hook && held.hook === name) held.until = now + hook.heartbeatMs;
    });
    return {};
  },
);

export const describeLifecycleHookTypes = autoscaling(
  'describeLifecycleHookTypes',
  {},
  async () => ({
    LifecycleHookTypes: [LAUNCHING, TERMINATING],
  }),
);
