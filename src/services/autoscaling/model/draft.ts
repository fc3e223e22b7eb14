import type { NewEvent } from '../../../engine/events.ts';
import type { Draft as MachineDraft, Step } from '../../../engine/machine.ts';
import { groupKey, groupTopic, MEMBER, memberKey } from '../reconcilers/names.ts';
import { activityDetail, activityEvent, hookDetail, hookEvent } from './events.ts';
import {
  type Activity,
  arnOf,
  counts,
  type Group,
  type GroupBody,
  globalMs,
  type Hook,
  LAUNCHING,
  type Member,
  type MemberBody,
  type Refresh,
  type TERMINATING,
  type Transition,
  workOf,
} from './group.ts';
import { derivedId } from './ids.ts';
import { stamp } from './texts.ts';
import { nextLook } from './wake.ts';

export interface Snapshot {
  group: Group;
  members: Member[];
}

/** Something that is told to a topic or a queue. */
export interface Delivery {
  id: string;
  target: string;
  roleArn?: string;
  subject?: string;
  message: string;
}

export interface Writes {
  group?: GroupBody;
  members: Member[];
  /** Slots of those that are no more. */
  gone: string[];
  activities: Activity[];
  events: NewEvent[];
  deliveries: Delivery[];
  refreshes: Refresh[];
  /** The group is no more. */
  forget?: true;
}

/** A copy of a group and its instances that decisions are worked out on. */
export class Draft implements MachineDraft<Writes> {
  readonly group: Group;
  members: Member[];
  readonly now: number;
  readonly #before: Snapshot;
  readonly #activities = new Map<string, Activity>();
  readonly #refreshes = new Map<string, Refresh>();
  readonly #events: NewEvent[] = [];
  readonly #deliveries: Delivery[] = [];
  #forget = false;

  constructor(snapshot: Snapshot, now: number) {
    this.#before = snapshot;
    const { group, members } = structuredClone(snapshot);
    this.group = group;
    this.members = members;
    this.now = now;
  }

  get body(): GroupBody {
    return this.group.body;
  }

  /** Those that count for the desired capacity. */
  get active(): Member[] {
    return this.members.filter((member) => counts(member) && !member.body.abandoned);
  }

  bySlot(slot: string): Member | undefined {
    return this.members.find((member) => member.slot === slot);
  }

  byId(instanceId: string): Member | undefined {
    return this.members.find((member) => member.instanceId === instanceId);
  }

  /** Ids follow from the group and how many there were. */
  newId(what: string): string {
    this.body.numbers += 1;
    return derivedId(this.body.id, what, this.body.numbers);
  }

  add(
    instanceId: string | undefined,
    body: Omit<MemberBody, 'madeAt' | 'held' | 'joining' | 'registered'>,
  ) {
    const member: Member = {
      ...{ accountId: this.group.accountId, region: this.group.region, group: this.group.name },
      ...{ slot: this.newId('slot'), instanceId },
      body: { ...body, madeAt: this.now, held: [], joining: [], registered: [] },
    };
    this.members.push(member);
    return member;
  }

  remove({ slot }: Member): void {
    this.members = this.members.filter((one) => one.slot !== slot);
  }

  // What activities tell.

  begin(member: Member, description: string, cause: string, status: string): Activity {
    const { zone, subnet } = member.body;
    const details = { ...(subnet && { 'Subnet ID': subnet }), 'Availability Zone': zone };
    const activity: Activity = {
      ...{ id: this.newId('activity'), description, cause, status },
      ...{ startedAt: this.now, progress: 30, details: JSON.stringify(details) },
    };
    member.body.activity = activity;
    this.#activities.set(activity.id, activity);
    return activity;
  }

  go(member: Member, status: string, progress: number, description?: string): void {
    const { activity } = member.body;
    if (!activity) return;
    const now = { ...activity, status, progress, ...(description && { description }) };
    member.body.activity = now;
    this.#activities.set(now.id, now);
  }

  /** Why what an instance is in goes no further. */
  says(member: Member, message: string | undefined): void {
    const { activity } = member.body;
    if (!activity || activity.message === message) return;
    const { message: _, ...rest } = activity;
    member.body.activity = { ...rest, ...(message !== undefined && { message }) };
    this.#activities.set(activity.id, member.body.activity);
  }

  /** Ends what an instance is in. */
  end(member: Member, status: string, message?: string): Activity | undefined {
    const { activity } = member.body;
    if (!activity) return undefined;
    const ended: Activity = {
      ...{ ...activity, status, progress: 100, endedAt: this.now },
      ...(message !== undefined && {
        message,
        description: `${activity.description}.  Status Reason: ${message}`,
      }),
    };
    delete member.body.activity;
    this.#activities.set(ended.id, ended);
    return ended;
  }

  /** A launch or a termination has come to its end. */
  announce(member: Member, activity: Activity | undefined, launches: boolean): void {
    if (!activity) return;
    const id = member.instanceId ?? '';
    this.#events.push(activityEvent(this.group, activity, id, launches));
    const failed = activity.status === 'Successful' ? '' : '_ERROR';
    const type = `autoscaling:EC2_INSTANCE_${launches ? 'LAUNCH' : 'TERMINATE'}${failed}`;
    const verb = `${failed ? 'failed ' : ''}${launches ? 'launch' : 'termination'}`;
    for (const { topic } of this.body.notifications.filter((one) => one.type === type))
      this.tell({
        target: topic,
        subject: `Auto Scaling: ${verb} for group "${this.group.name}"`,
        message: JSON.stringify({
          ...{ Service: 'AWS Auto Scaling', Time: new Date(this.now).toISOString(), Event: type },
          ...{ AccountId: this.group.accountId, AutoScalingGroupARN: arnOf(this.group) },
          ...{ Progress: activity.progress },
          ...activityDetail(this.group, activity, id, launches),
        }),
      });
  }

  tell(delivery: Omit<Delivery, 'id'>): void {
    this.#deliveries.push({ id: this.newId('delivery'), ...delivery });
  }

  /** That the group can tell it something. */
  tellTest(to: Pick<Delivery, 'target' | 'roleArn'>): void {
    const { accountId: AccountId, name } = this.group;
    this.tell({
      ...to,
      subject: `Auto Scaling: test notification for group "${name}"`,
      message: JSON.stringify({
        ...{ Service: 'AWS Auto Scaling', Time: stamp(this.now), AccountId },
        ...{ Event: 'autoscaling:TEST_NOTIFICATION', RequestId: this.newId('request') },
        ...{ AutoScalingGroupName: name, AutoScalingGroupARN: arnOf(this.group) },
      }),
    });
  }

  event(event: NewEvent): void {
    this.#events.push(event);
  }

  // Hooks.

  hooksOf(transition: Transition): Hook[] {
    return this.body.hooks.filter((hook) => hook.transition === transition);
  }

  /** @returns whether any hook holds it */
  hold(member: Member, transition: typeof LAUNCHING | typeof TERMINATING): boolean {
    const id = member.instanceId ?? '';
    for (const hook of this.hooksOf(transition)) {
      const held = {
        ...{ hook: hook.name, token: this.newId('token'), otherwise: hook.otherwise },
        until: this.now + hook.heartbeatMs,
        atMost: this.now + globalMs(hook),
      };
      member.body.held.push(held);
      this.#events.push(hookEvent(this.group, hook, held, id));
      if (hook.target)
        this.tell({
          target: hook.target,
          ...(hook.roleArn && { roleArn: hook.roleArn }),
          subject: `Auto Scaling:  Lifecycle action '${transition === LAUNCHING ? 'LAUNCHING' : 'TERMINATING'}' for instance ${id} in progress.`,
          message: JSON.stringify({
            ...{ Service: 'AWS Auto Scaling', Time: stamp(this.now), RequestId: held.token },
            ...{ AccountId: this.group.accountId, AutoScalingGroupARN: arnOf(this.group) },
            ...hookDetail(this.group, hook, held, id),
          }),
        });
    }
    if (member.body.held.length > 0) member.body.hooked = true;
    return member.body.held.length > 0;
  }

  endRefresh(refresh: Refresh): void {
    this.#refreshes.set(refresh.id, refresh);
    delete this.body.refresh;
  }

  forget(): void {
    this.#forget = true;
  }

  finish(): Step<Writes> {
    const before = this.#before;
    const known = new Map(before.members.map((member) => [member.slot, member]));
    const here = new Set(this.members.map(({ slot }) => slot));
    const differs = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b);
    const changed = this.members.filter((member) => differs(known.get(member.slot), member));
    const groupChanged = differs(before.group.body, this.group.body);
    const gone = before.members.map(({ slot }) => slot).filter((slot) => !here.has(slot));
    const { refresh } = this.body;
    if (refresh && differs(refresh, before.group.body.refresh))
      this.#refreshes.set(refresh.id, refresh);
    const work = this.members.filter((member) => {
      const now = workOf(this.group, member);
      const old = known.get(member.slot);
      return (
        now !== undefined && (!old || differs(pulse(this.group, member), pulse(before.group, old)))
      );
    });
    const something = groupChanged || changed.length + gone.length > 0;
    return {
      writes: {
        ...(groupChanged && { group: this.group.body }),
        ...{ members: changed, gone, activities: [...this.#activities.values()] },
        ...{ events: this.#events, deliveries: this.#deliveries },
        refreshes: [...this.#refreshes.values()],
        ...(this.#forget && { forget: true as const }),
      },
      work: work.map((member) => ({ reconciler: MEMBER, key: memberKey(member) })),
      rings: something ? [groupTopic(groupKey(this.group))] : [],
      wakeAt: this.#forget ? undefined : nextLook(this),
    };
  }
}

/** What a member's reconciler has to hear of. */
const pulse = (group: Group, member: Member) => [
  workOf(group, member),
  member.body.phase,
  [...member.body.joining].sort(),
  [...member.body.registered].sort(),
  group.body.targetGroups,
  group.body.deleting,
];
