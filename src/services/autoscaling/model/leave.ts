import type { Draft } from './draft.ts';
import { type HookResult, type Member, mayBeIn } from './group.ts';
import * as texts from './texts.ts';

/** After so many launches that failed it waits no longer than that. */
const MOST_DOUBLINGS = 7;
const FIRST_WAIT_MS = 5_000;

/** A launch came to nothing: another try comes later, and later. One that serves ends that. */
export function putOff({ body, now }: Draft): void {
  body.failures += 1;
  body.waitsUntil = now + FIRST_WAIT_MS * 2 ** Math.min(body.failures, MOST_DOUBLINGS);
}

/** An instance is to go: out of its target groups first. */
export function leave(
  draft: Draft,
  member: Member,
  leavesFor: 'end' | 'standby' | 'detached',
  cause: string,
): void {
  const { body, instanceId } = member;
  // It cannot be ended before it is there.
  if (instanceId === undefined) {
    body.abandoned ??= cause;
    return;
  }
  const launches = body.activity && body.phase !== 'standby';
  const ended = draft.end(member, launches ? 'Cancelled' : 'Successful');
  if (launches && !body.attached && ended) draft.announce(member, ended, true);
  body.phase = 'leaving';
  body.leavesFor = leavesFor;
  body.held = [];
  delete body.extra;
  delete body.hooked;
  const verb = {
    ...{ end: 'Terminating EC2 instance', detached: 'Detaching EC2 instance' },
    standby: 'Moving EC2 instance to Standby',
  }[leavesFor];
  const waits = mayBeIn(member).length > 0;
  const status = waits && leavesFor === 'end' ? 'WaitingForELBConnectionDraining' : 'InProgress';
  draft.begin(member, `${verb}: ${instanceId}`, cause, status);
  draft.go(member, status, leavesFor === 'end' ? 30 : 50);
}

/** A hook lets an instance go on, or not. @returns false where it does not hold it */
export function complete(draft: Draft, member: Member, hook: string, result: HookResult): boolean {
  const { body } = member;
  if (!body.held.some((held) => held.hook === hook)) return false;
  const launches = body.phase === 'launch-wait';
  // One that is given up ends the others; what is to be terminated goes on either way.
  body.held = result === 'ABANDON' ? [] : body.held.filter((held) => held.hook !== hook);
  if (result === 'CONTINUE' || !launches) return true;
  const ended = draft.end(
    member,
    'Cancelled',
    `Lifecycle action of the hook ${hook} was abandoned`,
  );
  draft.announce(member, ended, true);
  putOff(draft);
  leave(draft, member, 'end', texts.abandoned(draft.now));
  return true;
}
