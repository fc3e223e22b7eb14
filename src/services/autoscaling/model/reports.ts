import type { Draft } from './draft.ts';
import type { Launch, Member } from './group.ts';
import { leave } from './leave.ts';

/** After so many launches that failed it waits no longer than that. */
const MOST_DOUBLINGS = 7;
const FIRST_WAIT_MS = 5_000;

// What becomes of the work outside.

export function launched(
  draft: Draft,
  slot: string,
  made: {
    instanceId: string;
    zone: string;
    subnet: string | undefined;
    type: string | undefined;
    imageId: string | undefined;
    launch: Launch;
  },
): void {
  const member = draft.bySlot(slot);
  if (member?.body.phase !== 'launching') return;
  const { instanceId, type, imageId, ...where } = made;
  member.instanceId = instanceId;
  Object.assign(member.body, where, type && { type }, imageId && { imageId }, { phase: 'booting' });
  draft.body.failures = 0;
  draft.body.waitsUntil = 0;
  draft.go(member, 'InProgress', 30, `Launching a new EC2 instance: ${instanceId}`);
  const { abandoned } = member.body;
  if (abandoned === undefined) return;
  delete member.body.abandoned;
  leave(draft, member, 'end', abandoned);
}

/** EC2 says no: another try comes later, and later. */
export function launchFailed(draft: Draft, slot: string, message: string): void {
  const member = draft.bySlot(slot);
  if (member?.body.phase !== 'launching') return;
  const words = `${message} Launching EC2 instance failed.`;
  draft.announce(member, draft.end(member, 'Failed', words), true);
  draft.remove(member);
  const { body } = draft;
  body.failures += 1;
  body.waitsUntil = draft.now + FIRST_WAIT_MS * 2 ** Math.min(body.failures, MOST_DOUBLINGS);
}

export function registered(draft: Draft, slot: string, arn: string): void {
  const its = draft.bySlot(slot)?.body.registered;
  if (its && !its.includes(arn)) its.push(arn);
}

export function deregistered(draft: Draft, slot: string, arn: string): void {
  const member = draft.bySlot(slot);
  if (member) member.body.registered = member.body.registered.filter((one) => one !== arn);
}

export function terminated(draft: Draft, slot: string): void {
  const member = draft.bySlot(slot);
  if (member?.body.phase !== 'terminating') return;
  draft.announce(member, draft.end(member, 'Successful'), false);
  draft.remove(member);
}

/** Its tag is taken: it is nobody's now. */
export function detached(draft: Draft, slot: string): void {
  const member = draft.bySlot(slot);
  if (member?.body.leavesFor !== 'detached') return;
  draft.end(member, 'Successful');
  draft.remove(member);
}

/** It is not well: whoever looked says why. */
export function ill(member: Member | undefined, why: string): void {
  if (!member?.body.healthy) return;
  member.body.healthy = false;
  member.body.illness = why;
}
