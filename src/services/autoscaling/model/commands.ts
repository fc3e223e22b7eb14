import type { Draft } from './draft.ts';
import { counts, type Member } from './group.ts';
import { leave } from './leave.ts';
import { resize } from './resize.ts';
import * as texts from './texts.ts';

/** What a call asks for that the group's sizes do not allow. */
export class Impossible extends Error {}

const ofOtherSizes = ({ group: { name, body } }: Draft, verb: string, many: number, more = '') =>
  new Impossible(
    `AutoScalingGroup ${name} has min-size=${body.min}, max-size=${body.max}, and desired-size=${body.desired}. To ${verb} ${many}${more} instance${many === 1 ? '' : 's'}, please update the AutoScalingGroup sizes appropriately.`,
  );

export function terminate(draft: Draft, member: Member, lessens: boolean): void {
  // One that stands by is not among those that are wanted.
  const decrement = lessens && counts(member);
  const { body, now } = draft;
  const before = body.desired;
  if (decrement && before - 1 < body.min)
    throw new Impossible(
      `Currently, desiredSize equals minSize (${body.min}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
    );
  const shrinks = decrement ? texts.shrinking(before, before - 1) : '';
  const cause = texts.byUser(now, member.instanceId ?? '', 'taken out of service', shrinks);
  if (decrement) resize(draft, { desired: before - 1 }, cause);
  leave(draft, member, 'end', cause);
}

function lessen(
  draft: Draft,
  members: readonly Member[],
  decrement: boolean,
  { verb, what }: { verb: string; what: 'standby' | 'detached' },
): void {
  const { body, now } = draft;
  const before = body.desired;
  if (decrement && before - members.length < body.min)
    throw ofOtherSizes(draft, what === 'standby' ? 'place into standby' : 'detach', members.length);
  for (const member of members) {
    const { desired } = body;
    const shrinks = decrement ? texts.shrinking(desired, desired - 1) : '';
    const cause = texts.byUser(now, member.instanceId ?? '', verb, shrinks);
    if (decrement) resize(draft, { desired: desired - 1 }, cause);
    leave(draft, member, what, cause);
  }
}

export const enterStandby = (draft: Draft, members: readonly Member[], decrement: boolean) =>
  lessen(draft, members, decrement, { verb: 'moved to standby', what: 'standby' });
export const detach = (draft: Draft, members: readonly Member[], decrement: boolean) =>
  lessen(draft, members, decrement, { verb: 'detached', what: 'detached' });

function mayGrow(draft: Draft, by: number, verb: string): void {
  const { body } = draft;
  if (body.desired + by > body.max) throw ofOtherSizes(draft, verb, by, ' more');
}

export function exitStandby(draft: Draft, members: readonly Member[]): void {
  const { body, now } = draft;
  mayGrow(draft, members.length, 'exit standby');
  for (const member of members) {
    const { desired } = body;
    const id = member.instanceId ?? '';
    const grows = texts.growing(desired, desired + 1);
    const cause = texts.byUser(now, id, 'moved out of standby', grows);
    resize(draft, { desired: desired + 1 }, cause);
    member.body.phase = 'booting';
    draft.begin(member, `Moving EC2 instance out of Standby: ${id}`, cause, 'PreInService');
  }
}

export interface Attached {
  instanceId: string;
  zone: string;
  subnet: string | undefined;
  type: string | undefined;
  imageId: string | undefined;
}

export function attach(draft: Draft, given: readonly Attached[]): void {
  const { body, now } = draft;
  mayGrow(draft, given.length, 'attach');
  for (const { instanceId, zone, subnet, type, imageId } of given) {
    const { desired } = body;
    const grows = texts.growing(desired, desired + 1);
    const cause = texts.byUser(now, instanceId, 'attached', grows);
    resize(draft, { desired: desired + 1 }, cause);
    const member = draft.add(instanceId, {
      ...{ phase: 'booting', zone, subnet, launch: body.launch, attached: true },
      ...(type && { type }),
      ...(imageId && { imageId }),
      ...{ protected: body.protects, healthy: true },
    });
    draft.begin(member, `Attaching an existing EC2 instance: ${instanceId}`, cause, 'InProgress');
  }
}
