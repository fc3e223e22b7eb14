import type { Decisions } from '../../../engine/machine.ts';
import { scale } from './capacity.ts';
import { Draft, type Snapshot } from './draft.ts';
import { isSuspended, LAUNCHING, type Member, TERMINATING, wantedTargets } from './group.ts';
import { complete, leave } from './leave.ts';
import { refresh } from './refresh.ts';
import { runSchedules } from './schedule.ts';
import * as texts from './texts.ts';

/** Each pass brings it further; there are far fewer that do. */
const MOST_PASSES = 50;

export const decisions: Decisions<Snapshot, Draft> = {
  draft: (snapshot, now) => new Draft(snapshot, now),
  decide(draft) {
    for (let pass = 0; pass < MOST_PASSES; pass++) {
      const before = JSON.stringify([draft.group.body, draft.members]);
      expire(draft);
      for (const member of [...draft.members]) step(draft, member);
      runSchedules(draft);
      replace(draft);
      refresh(draft);
      scale(draft);
      if (before === JSON.stringify([draft.group.body, draft.members])) break;
    }
    if (draft.body.deleting && draft.members.length === 0) draft.forget();
  },
};

/** Hooks whose time is over end with their default. */
function expire(draft: Draft): void {
  for (const member of draft.members)
    for (const { hook, until, atMost, otherwise } of [...member.body.held])
      if (Math.min(until, atMost) <= draft.now) complete(draft, member, hook, otherwise);
}

/** Brings an instance on where nothing outside is waited for. */
function step(draft: Draft, member: Member): void {
  const { body } = member;
  if (body.phase === 'launch-wait' && body.held.length === 0) {
    body.phase = 'registering';
    draft.go(member, 'PreInService', 75);
  }
  if (body.phase === 'registering') {
    const missing = wantedTargets(draft.group, member).some(
      (arn) => !body.registered.includes(arn),
    );
    if (!missing) arrive(draft, member);
  }
  if (body.phase === 'leaving' && body.registered.length === 0) left(draft, member);
  if (body.phase === 'terminate-wait' && body.held.length === 0) {
    body.phase = 'terminating';
    draft.go(member, 'InProgress', 75);
  }
}

function arrive(draft: Draft, member: Member): void {
  const { body } = member;
  body.phase = 'in-service';
  body.inServiceAt = draft.now;
  delete body.hooked;
  draft.announce(member, draft.end(member, 'Successful'), true);
}

function left(draft: Draft, member: Member): void {
  const { body } = member;
  if (body.leavesFor === 'standby') {
    body.phase = 'standby';
    delete body.leavesFor;
    delete body.inServiceAt;
    draft.end(member, 'Successful');
    return;
  }
  // What is detached has its tag taken first.
  if (body.leavesFor === 'detached') return;
  const held = !draft.body.deleting && draft.hold(member, TERMINATING);
  body.phase = held ? 'terminate-wait' : 'terminating';
  draft.go(member, held ? 'MidLifecycleAction' : 'InProgress', 50);
}

/** What the machine hears of an instance that is there. */
export function running(draft: Draft, slot: string): void {
  const member = draft.bySlot(slot);
  if (member?.body.phase !== 'booting') return;
  const held = draft.hold(member, LAUNCHING);
  member.body.phase = held ? 'launch-wait' : 'registering';
  draft.go(member, held ? 'MidLifecycleAction' : 'PreInService', 50);
}

/** Instances that are not well, or too old, go; others come in their place. */
function replace(draft: Draft): void {
  if (isSuspended(draft.group, 'Terminate') || draft.body.deleting) return;
  for (const member of [...draft.members]) {
    const { phase, healthy, illness = texts.EC2_CHECK, inServiceAt } = member.body;
    const isHere = ['booting', 'launch-wait', 'registering', 'in-service'].includes(phase);
    if (!isHere) continue;
    const { lifetime } = draft.body;
    const old =
      lifetime !== undefined &&
      inServiceAt !== undefined &&
      inServiceAt + lifetime * 1000 <= draft.now;
    if (!old && (healthy || isSuspended(draft.group, 'ReplaceUnhealthy'))) continue;
    if (!member.body.extra) draft.body.owed += 1;
    const why = healthy ? texts.LIFETIME : illness;
    leave(draft, member, 'end', texts.outOfService(draft.now, why));
  }
}
