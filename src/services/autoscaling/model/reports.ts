import type { Draft } from './draft.ts';
import type { Member } from './group.ts';
import { leave, putOff } from './leave.ts';
import { resize } from './resize.ts';

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
  },
): void {
  const member = draft.bySlot(slot);
  if (member?.body.phase !== 'launching') return;
  delete member.body.input;
  const { instanceId, type, imageId, ...where } = made;
  member.instanceId = instanceId;
  Object.assign(member.body, where, type && { type }, imageId && { imageId }, { phase: 'booting' });
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
  putOff(draft);
}

/** It is to be in a target group, and may be from now on. */
export function joins(draft: Draft, slot: string, arn: string): void {
  const its = draft.bySlot(slot)?.body.joining;
  if (its && !its.includes(arn)) its.push(arn);
}

export function registered(draft: Draft, slot: string, arn: string): void {
  const member = draft.bySlot(slot);
  if (!member) return;
  const { body } = member;
  body.joining = body.joining.filter((one) => one !== arn);
  if (!body.registered.includes(arn)) body.registered.push(arn);
  draft.says(member, undefined);
}

/** A target group does not take it: it is tried again, and its launch says why it waits. */
export function notRegistered(draft: Draft, slot: string, arn: string, why: string): void {
  const member = draft.bySlot(slot);
  if (member) draft.says(member, `Not registered with ${arn}: ${why}`);
}

export function deregistered(draft: Draft, slot: string, arn: string): void {
  const body = draft.bySlot(slot)?.body;
  if (!body) return;
  body.joining = body.joining.filter((one) => one !== arn);
  body.registered = body.registered.filter((one) => one !== arn);
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

/** EC2 does not mark it as the group's: it stays its owner's, and one less is wanted. */
export function attachFailed(draft: Draft, slot: string, message: string): void {
  const member = draft.bySlot(slot);
  if (member?.body.phase !== 'booting' || !member.body.attached) return;
  draft.end(member, 'Failed', message);
  draft.remove(member);
  const { body } = draft;
  resize(draft, { desired: Math.max(body.desired - 1, body.min) }, body.why);
}

/** It is not well: whoever looked says why. */
export function ill(member: Member | undefined, why: string): void {
  if (!member?.body.healthy) return;
  member.body.healthy = false;
  member.body.illness = why;
}
