import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { takeStep } from '../../../engine/machine.ts';
import { machineLaws } from '../../../engine/machine-laws.ts';
import { memberKey } from '../reconcilers/names.ts';
import { decisions, running } from './advance.ts';
import { attach, detach, enterStandby, exitStandby, terminate } from './commands.ts';
import type { Draft, Snapshot, Writes } from './draft.ts';
import {
  counts,
  type Hook,
  lifecycleState,
  type Member,
  mayBeIn,
  type Refresh,
  wantedTargets,
  workOf,
} from './group.ts';
import { complete } from './leave.ts';
import * as reports from './reports.ts';
import { resize } from './resize.ts';
import { newGroup } from './testing.ts';
import { EC2_CHECK } from './texts.ts';

const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

const written = (
  { group, members }: Snapshot,
  { group: body, members: changed, gone, forget }: Writes,
): Snapshot => {
  const by = new Map(members.map((member) => [member.slot, member]));
  for (const slot of gone) by.delete(slot);
  for (const member of changed) by.set(member.slot, member);
  const { deleting: _, ...left } = body ?? group.body;
  // What is forgotten has no row any more: it stands here as one that nothing comes of.
  const now = { ...group, body: forget ? { ...left, desired: 0, min: 0 } : (body ?? group.body) };
  // In the order in which the store has them.
  const sorted = [...by.values()].sort(
    (a, b) => a.body.madeAt - b.body.madeAt || (a.slot < b.slot ? -1 : 1),
  );
  return structuredClone({ group: now, members: sorted });
};

const hook = (
  name: string,
  transition: Hook['transition'],
  otherwise: Hook['otherwise'],
): Hook => ({
  ...{ name, transition, otherwise, heartbeatMs: MINUTE },
});
const HOOKS = [
  hook('in', 'autoscaling:EC2_INSTANCE_LAUNCHING', 'CONTINUE'),
  hook('out', 'autoscaling:EC2_INSTANCE_TERMINATING', 'ABANDON'),
];
const REFRESH: Refresh = {
  ...{ id: 'r', status: 'InProgress', startedAt: START, minHealthy: 90, maxHealthy: 100 },
  ...{ warmup: 0, skipMatching: false, autoRollback: false, protectedOnes: 'Ignore' },
  ...{ before: newGroup().group.body.launch, total: 2, left: 2 },
};

const told = (snapshot: Snapshot, command: (draft: Draft) => void = () => {}, now = START) =>
  written(snapshot, takeStep(decisions, snapshot, now, command).step.writes);

/** What is outside does all that is asked for. */
function work(draft: Draft, slot: string): void {
  const member = draft.bySlot(slot);
  if (!member) return;
  const todo = workOf(draft.group, member);
  if (todo === 'launch')
    reports.launched(draft, slot, {
      ...{ instanceId: `i-${slot}`, zone: member.body.zone, subnet: member.body.subnet },
      ...{ type: 't3.micro', imageId: 'ami-1' },
    });
  if (todo === 'look') running(draft, slot);
  if (todo === 'balance') {
    const wanted = wantedTargets(draft.group, member);
    const asked = wanted.filter((arn) => !mayBeIn(member).includes(arn));
    for (const arn of asked) reports.joins(draft, slot, arn);
    if (asked.length > 0) return;
    for (const arn of mayBeIn(member))
      if (!wanted.includes(arn)) reports.deregistered(draft, slot, arn);
    for (const arn of wanted) reports.registered(draft, slot, arn);
  }
  if (todo === 'detach') reports.detached(draft, slot);
  if (todo === 'terminate') reports.terminated(draft, slot);
}

const each = (draft: Draft, command: (slot: string) => void) => {
  for (const { slot } of [...draft.members]) command(slot);
};
const inService = ({ members }: Draft) => members.filter(({ body }) => body.phase === 'in-service');
const first = (draft: Draft) => inService(draft)[0];

const moves: Record<string, (draft: Draft) => void> = {
  all: (draft) => each(draft, (slot) => work(draft, slot)),
  one: (draft) => work(draft, draft.members[0]?.slot ?? ''),
  more: (draft) => resize(draft, { desired: 4 }, 'more.'),
  none: (draft) => resize(draft, { desired: 0 }, 'none.'),
  continue: (draft) => {
    for (const member of draft.members) complete(draft, member, 'in', 'CONTINUE');
  },
  abandon: (draft) => {
    for (const member of [...draft.members]) complete(draft, member, 'in', 'ABANDON');
  },
  ill: (draft) => reports.ill(first(draft), EC2_CHECK),
  fails: (draft) => reports.launchFailed(draft, draft.members[0]?.slot ?? '', 'no room.'),
  end: (draft) => {
    const member = first(draft);
    if (member) terminate(draft, member, false);
  },
  standby: (draft) => enterStandby(draft, inService(draft).slice(0, 1), false),
  back: (draft) => {
    const standing = draft.members.filter(({ body }) => body.phase === 'standby');
    if (draft.body.desired < draft.body.max) exitStandby(draft, standing.slice(0, 1));
  },
  detach: (draft) => detach(draft, inService(draft).slice(0, 1), false),
  attach: (draft) => {
    const instanceId = `i-own-${draft.body.numbers}`;
    const at = { zone: 'us-east-1a', subnet: 'a', type: undefined, imageId: undefined };
    if (draft.body.desired < draft.body.max && !draft.body.deleting)
      attach(draft, [{ instanceId, ...at }]);
  },
  hooks: ({ body }) => {
    body.hooks = HOOKS;
  },
  targets: ({ body }) => {
    body.targetGroups = body.targetGroups.length > 0 ? [] : ['arn:a', 'arn:b'];
  },
  refresh: ({ body }) => {
    body.refresh ??= REFRESH;
  },
  first: ({ body }) => {
    body.refresh ??= { ...REFRESH, minHealthy: 100 };
  },
  elsewhere: ({ body }) => {
    body.places = [{ zone: 'us-east-1c', subnet: 'c' }];
  },
  delete: ({ body }) => {
    body.deleting = true;
  },
};

const moments = fc
  .record({
    story: fc.array(fc.constantFrom(...Object.keys(moves)), { maxLength: 10 }),
    later: fc.constantFrom(0, MINUTE, 60 * MINUTE),
  })
  .map(({ story, later }) => {
    let snapshot = newGroup();
    for (const move of story) snapshot = told(snapshot, moves[move]);
    return { snapshot, now: START + later };
  });

const TOPIC = 'autoscaling/group/111111111111/us-east-1/web';
const waits = ({ group: { body }, members }: Snapshot) =>
  !body.deleting && body.waitsUntil > 0 && members.filter(counts).length < body.desired;

const stays = new Set(['in-service', 'standby']);

machineLaws('a group', {
  ...decisions,
  moments,
  written,
  open: ({ group, members }) =>
    members
      .flatMap((member) => {
        const todo = workOf(group, member);
        const held = member.body.held.map((one) => ({
          ...{
            id: `hook ${member.slot} ${one.hook}`,
            toldBy: TOPIC,
          },
        }));
        const id = `work ${member.slot} ${member.body.phase} ${todo} ${mayBeIn(member).length} ${member.body.registered.length}`;
        return todo ? [{ id, toldBy: memberKey(member) }] : held;
      })
      .concat(waits({ group, members }) ? [{ id: 'wait', toldBy: TOPIC }] : []),
  done(draft, id) {
    const [what, slot = '', name = ''] = id.split(' ');
    const member = draft.bySlot(slot);
    // Nobody does more about a launch that failed than to wait.
    if (what === 'wait') draft.body.waitsUntil = draft.now;
    else if (what === 'work') work(draft, slot);
    else if (member) complete(draft, member, name, 'CONTINUE');
  },
  ended: ({ group, members }) =>
    members.every(({ body }) => stays.has(body.phase)) &&
    (group.body.deleting
      ? members.length === 0
      : members.filter(counts).length === group.body.desired),
});

describe('a group', () => {
  const play = (...story: string[]) =>
    story.reduce((at, move) => told(at, moves[move]), newGroup());
  const states = ({ members }: Snapshot) => members.map(lifecycleState).sort();

  test('has as many as it is to have, in both zones', () => {
    const up = play('all', 'all', 'all');
    expect(states(up)).toEqual(['InService', 'InService']);
    expect(new Set(up.members.map(({ body }) => body.zone)).size).toBe(2);
    expect(states(told(up, moves.more))).toEqual(['InService', 'InService', 'Pending', 'Pending']);
    expect(states(told(up, moves.none))).toEqual(['Terminating', 'Terminating']);
  });

  test('an instance that is not well goes, and another comes', () => {
    const after = told(play('all', 'all', 'all'), moves.ill);
    expect(states(after)).toEqual(['InService', 'Pending', 'Terminating']);
    const launch = after.members.find((member) => lifecycleState(member) === 'Pending');
    expect(launch?.body.activity?.cause).toMatch(/unhealthy instance needing to be replaced/);
  });

  test('one that is lost before it serves is a launch that failed; one that serves ends the wait', () => {
    const lost = (at: Snapshot, now: number) =>
      told(at, (draft) => each(draft, (slot) => reports.ill(draft.bySlot(slot), EC2_CHECK)), now);
    const once = lost(play('all', 'all'), START);
    expect(states(once)).toEqual(['Terminating', 'Terminating']);
    expect(once.group.body).toMatchObject({ failures: 2, waitsUntil: START + 20_000 });
    expect(states(told(once, undefined, START + 19_999))).toEqual(['Terminating', 'Terminating']);
    const again = told(once, undefined, START + 20_000);
    expect(states(again)).toEqual(['Pending', 'Pending', 'Terminating', 'Terminating']);
    const there = told(again, moves.all, START + 20_000);
    expect(there.group.body.failures).toBe(2);
    expect(told(there, moves.all, START + 20_000).group.body).toMatchObject({
      failures: 0,
      waitsUntil: 0,
    });
  });

  test('hooks hold what comes and what goes; time-outs let it go on', () => {
    const held = play('hooks', 'all', 'all');
    expect(states(held)).toEqual(['Pending:Wait', 'Pending:Wait']);
    expect(
      states(told(held, moves.abandon)).filter((one) => one === 'Terminating:Wait'),
    ).toHaveLength(2);
    const late = told(held, undefined, START + MINUTE);
    expect(states(late)).toEqual(['InService', 'InService']);
    expect(states(told(late, moves.none))).toEqual(['Terminating:Wait', 'Terminating:Wait']);
  });

  test('one goes no further while it may be in a target group, and waits for one that does not take it', () => {
    const asked = play('targets', 'all', 'all', 'all');
    const [{ slot = '', body } = {}] = asked.members;
    expect(body).toMatchObject({
      phase: 'registering',
      joining: ['arn:a', 'arn:b'],
      registered: [],
    });
    const ended = told(asked, (draft) => terminate(draft, draft.members[0] as Member, false));
    expect(states(ended)).toEqual(['Pending', 'Pending', 'Terminating']);
    const leaving = ended.members.find(({ body: its }) => its.phase === 'leaving') as Member;
    expect(workOf(ended.group, leaving)).toBe('balance');
    leaving.body.phase = 'terminating';
    expect(workOf(ended.group, leaving)).toBe('balance');
    const refused = told(asked, (draft) => reports.notRegistered(draft, slot, 'arn:a', 'no.'));
    expect(refused.members[0]?.body).toMatchObject({
      phase: 'registering',
      activity: { message: 'Not registered with arn:a: no.' },
    });
    const taken = told(refused, moves.all).members.find((one) => one.slot === slot)?.body;
    expect(taken).toMatchObject({
      phase: 'in-service',
      joining: [],
      registered: ['arn:a', 'arn:b'],
    });
  });

  test('one that stands by is ended without one less being wanted', () => {
    const stands = told(play('all', 'all', 'all', 'standby'), moves.all);
    const standing = (draft: Draft) =>
      draft.members.find(({ body }) => body.phase === 'standby') as Member;
    const ended = told(stands, (draft) => terminate(draft, standing(draft), true));
    expect(ended.group.body.desired).toBe(2);
    expect(states(ended)).toContain('Terminating');
  });

  test('a group that is deleted leaves what is detached to its owner', () => {
    const detaching = told(play('all', 'all', 'all', 'detach'), moves.delete);
    expect(states(detaching)).toEqual(['Detaching', 'Pending', 'Terminating']);
  });

  test('a refresh with 100% healthy launches first', () => {
    const up = play('all', 'all', 'all');
    expect(states(told(up, moves.first))).toEqual(['InService', 'InService', 'Pending']);
  });

  test('a refresh waits an hour for instances that are protected, and fails', () => {
    const guarded = told(play('all', 'all', 'all'), ({ body, members }) => {
      for (const one of members) one.body.protected = true;
      body.refresh = { ...REFRESH, protectedOnes: 'Wait' };
    });
    const step = takeStep(decisions, guarded, START + 60 * MINUTE - 1, () => {}).step;
    expect(step.wakeAt).toBe(START + 60 * MINUTE);
    expect(step.writes.refreshes).toEqual([]);
    const { refreshes } = takeStep(decisions, guarded, START + 60 * MINUTE, () => {}).step.writes;
    expect(refreshes).toMatchObject([{ status: 'Failed' }]);
    const freed = told(guarded, ({ members }) => {
      for (const one of members) one.body.protected = false;
    });
    expect(states(freed)).toContain('Pending');
  });

  test('one that is suspended does nothing of it', () => {
    const { group, members } = play('all', 'all', 'all');
    const suspended = [{ process: 'Launch' as const, reason: '' }];
    const still = { group: { ...group, body: { ...group.body, suspended } }, members };
    expect(states(told(still, moves.more))).toEqual(['InService', 'InService']);
  });
});
