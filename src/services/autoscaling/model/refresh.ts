import { launchOne } from './capacity.ts';
import type { Draft } from './draft.ts';
import { refreshEvent } from './events.ts';
import {
  isSuspended,
  type Launch,
  type Member,
  type Refresh,
  type RefreshStatus,
} from './group.ts';
import { leave } from './leave.ts';
import * as texts from './texts.ts';

/** Launches that may fail one after another before a refresh gives up. */
const MOST_FAILURES = 3;

const sameLaunch = (a: Launch, b: Launch): boolean =>
  a.kind === 'template' && b.kind === 'template'
    ? a.id === b.id && a.version === b.version
    : a.kind === b.kind && a.name === b.name;

/** Instances that a refresh has to replace. */
export function outdated(members: readonly Member[], refresh: Refresh, wanted: Launch): Member[] {
  const launch = refresh.matching ?? wanted;
  return members.filter(
    ({ body }) =>
      body.phase === 'in-service' &&
      body.refresh !== refresh.id &&
      !(body.protected && refresh.protectedOnes === 'Ignore') &&
      !(refresh.skipMatching && sameLaunch(body.launch, launch)),
  );
}

/** Replaces the instances of a group, some at a time. */
export function refresh(draft: Draft): void {
  const { group, body, now } = draft;
  const { refresh: current } = body;
  if (!current || body.deleting) return;
  const launch = current.wanted ?? body.launch;
  if (body.failures >= MOST_FAILURES) {
    fail(draft, current);
    return;
  }
  const left = outdated(draft.members, current, launch);
  body.refresh = { ...current, left: left.length };
  // Extra ones count from when they are warm.
  for (const member of draft.members)
    if (member.body.extra && isWarm(member, current, now)) delete member.body.extra;
  const { active } = draft;
  const extras = draft.members.filter((member) => member.body.extra);
  const settling = active.filter((member) => !isWarm(member, current, now));
  if (left.length === 0 && extras.length === 0 && settling.length === 0) {
    if (active.length === body.desired) succeed(draft, current);
    return;
  }
  const paused = (['InstanceRefresh', 'Launch', 'Terminate'] as const).some((process) =>
    isSuspended(group, process),
  );
  if (paused) return;
  const mayGo = left.filter(
    (member) => !member.body.protected || current.protectedOnes === 'Refresh',
  );
  const { desired } = body;
  const least = Math.ceil((desired * current.minHealthy) / 100);
  if (desired - least >= 1) {
    let well = active.filter(
      (member) => isWarm(member, current, now) && member.body.healthy,
    ).length;
    for (const member of mayGo) if (well - 1 >= least) well -= goes(draft, member);
    return;
  }
  // None may be missing: others come first.
  let over = active.length - desired;
  for (const member of mayGo) if (over > 0) over -= goes(draft, member);
  const most = Math.max(1, Math.floor((desired * (current.maxHealthy - 100)) / 100));
  const waiting = mayGo.filter((member) => member.body.phase === 'in-service').length;
  const room = Math.min(most, waiting) - extras.length;
  if (now < body.waitsUntil || active.length < desired) return;
  for (let one = 0; one < room; one++) launchOne(draft, texts.refreshed(now), { extra: true });
}

function goes(draft: Draft, member: Member): 1 {
  leave(draft, member, 'end', texts.outOfService(draft.now, texts.REFRESH));
  return 1;
}

function isWarm({ body }: Member, { id, warmup }: Refresh, now: number): boolean {
  if (body.phase !== 'in-service') return false;
  return body.refresh !== id || (body.inServiceAt ?? now) + warmup * 1000 <= now;
}

export const percentOf = ({ total, left, status }: Refresh): number =>
  status === 'Successful' || total === 0 ? 100 : Math.floor((100 * (total - left)) / total);

function finish(draft: Draft, refresh: Refresh, status: RefreshStatus, reason?: string): void {
  for (const member of draft.members) delete member.body.extra;
  const ended = { ...refresh, status, endedAt: draft.now, ...(reason && { reason }) };
  draft.endRefresh({ ...ended, left: draft.body.refresh?.left ?? refresh.left });
}

function succeed(draft: Draft, current: Refresh): void {
  const { body, group } = draft;
  const back = current.status === 'RollbackInProgress';
  if (current.wanted) body.launch = current.wanted;
  finish(draft, current, back ? 'RollbackSuccessful' : 'Successful');
  draft.event(refreshEvent(group, back ? 'Rollback Succeeded' : 'Succeeded', current.id));
}

function fail(draft: Draft, current: Refresh): void {
  const { body, group } = draft;
  const why = `${MOST_FAILURES} launches have failed one after another.`;
  body.failures = 0;
  if (current.status === 'RollbackInProgress') {
    finish(draft, current, 'RollbackFailed', why);
    draft.event(refreshEvent(group, 'Rollback Failed', current.id));
    return;
  }
  if (current.autoRollback && current.wanted) {
    rollBack(draft, why);
    return;
  }
  finish(draft, current, 'Failed', why);
  draft.event(refreshEvent(group, 'Failed', current.id));
}

export function cancelRefresh(draft: Draft): Refresh | undefined {
  const { refresh: current } = draft.body;
  if (!current) return undefined;
  finish(draft, current, 'Cancelled', 'Cancelled due to user request.');
  draft.event(refreshEvent(draft.group, 'Cancelled', current.id));
  return current;
}

/** Goes back to what the group had: that is to replace what the refresh has made. */
export function rollBack(draft: Draft, reason: string): void {
  const { refresh: current } = draft.body;
  if (!current) return;
  const launch = current.before;
  const at = { reason, at: draft.now, percent: percentOf(current), left: current.left };
  for (const member of draft.members) delete member.body.refresh;
  const back: Refresh = {
    ...{ ...current, status: 'RollbackInProgress', wanted: launch, skipMatching: true },
    rollback: at,
  };
  delete back.matching;
  draft.body.refresh = { ...back, total: outdated(draft.members, back, launch).length };
  draft.event(refreshEvent(draft.group, 'Rollback Started', current.id));
}
