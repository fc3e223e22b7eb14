import type { AutoRollbackEvent } from '@aws-sdk/client-codedeploy';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advance } from './advance.ts';
import { isTerminal, type Snapshot, type TargetSnapshot, type Write } from './deployment-state.ts';
import {
  DEPLOYMENT_TIMEOUT_MS,
  INSTALL_EVENTS,
  PREPARE_TIMEOUT_MS,
  RUN_TIMEOUT_MS,
  START_TIMEOUT_MS,
} from './lifecycle.ts';
import { START, snapshot, written } from './testing.ts';

const NOTHING = { writes: [], work: [], rings: [], wakeAt: undefined };

/** A deployment and its hosts played by a test: writes are applied as the store applies them. */
class Play {
  state: Snapshot;
  now = START;
  writes: Write[] = [];
  end?: Extract<Write, { type: 'end' }>;

  constructor(state: Snapshot) {
    this.state = state;
  }

  step(): this {
    const { writes } = advance(this.state, this.now);
    this.writes.push(...writes);
    this.state = written(this.state, writes);
    for (const write of writes) if (write.type === 'end') this.end = write;
    return this;
  }

  target(name: string): TargetSnapshot {
    const found = this.state.targets.find((t) => t.name === name);
    if (!found) throw new Error(`no target ${name}`);
    return found;
  }

  /** The event that a host may work on. */
  current(name: string) {
    return this.target(name).events.find(
      (event) =>
        event.offeredAt !== undefined &&
        (event.status === 'Pending' || event.status === 'InProgress'),
    );
  }

  /** The host takes its command. */
  take(name: string): this {
    const event = this.current(name);
    if (event) Object.assign(event, { status: 'InProgress', startedAt: this.now });
    return this;
  }

  /** The host ends its command. */
  finish(name: string, status: 'Succeeded' | 'Failed' = 'Succeeded'): this {
    const event = this.current(name);
    if (event) Object.assign(event, { status, endedAt: this.now });
    return this.step();
  }

  statuses(name: string): string[] {
    return this.target(name).events.map((event) => event.status);
  }

  notices(): string[] {
    return this.writes.flatMap((w) =>
      w.type === 'notify' ? [w.subject === 'instance' ? `${w.name} ${w.state}` : w.state] : [],
    );
  }
}

const begin = (hosts: number, more: Partial<Snapshot> = {}) =>
  new Play(snapshot(hosts, more)).step();

/** Plays one host from its first event to its last. */
function complete(play: Play, name: string): void {
  for (const _ of INSTALL_EVENTS) play.take(name).finish(name);
}

describe('before the start', () => {
  test.each([
    [{ stop: {} }, 'Stopped', 'MANUAL_STOP'],
    [{ applicationExists: false }, 'Failed', 'APPLICATION_MISSING'],
    [{ groupExists: false }, 'Failed', 'DEPLOYMENT_GROUP_MISSING'],
    [{ role: 'missing' }, 'Failed', 'IAM_ROLE_MISSING'],
    [{ role: 'denied' }, 'Failed', 'IAM_ROLE_PERMISSIONS'],
    [{ candidates: [] }, 'Failed', 'NO_INSTANCES'],
  ] as const)('CD-DEP-09: %o ends as %s %s', (more, status, code) => {
    const play = begin(2, more as Partial<Snapshot>);
    expect(play.end).toMatchObject({ status, error: { code } });
    expect(play.state.targets).toEqual([]);
  });

  test('a service role that may not look for EC2 instances is told what it lacks', () => {
    const play = begin(1, { ec2Refusal: 'not authorized to perform: ec2:DescribeInstances' });
    expect(play.end).toMatchObject({ status: 'Failed', error: { code: 'IAM_ROLE_PERMISSIONS' } });
    expect(play.end?.error?.message).toMatch(/AmazonEC2. .*ec2:DescribeInstances/);
  });

  test('the role is asked for first, once, and nothing else is done before the answer', () => {
    const play = new Play(snapshot(1, { role: undefined }));
    const asked = advance(play.state, START);
    expect(asked.work).toEqual([{ reconciler: 'codedeploy/role', key: 'd-ABCDEFGHI' }]);
    expect(asked.writes).toEqual([{ type: 'deployment', set: { role: 'asked', askedAt: START } }]);
    expect(advance(play.step().state, START)).toEqual({
      ...NOTHING,
      wakeAt: START + PREPARE_TIMEOUT_MS,
    });
  });

  test('CD-DEP-01, 02: waits as Queued for another deployment of the group', () => {
    const play = begin(1, { waitsForOther: true });
    expect(play.state.status).toBe('Queued');
    play.state.waitsForOther = false;
    expect(play.step().state.status).toBe('InProgress');
  });

  test('CD-MHH-07: constraints that cannot be met touch no host', () => {
    const play = begin(2, { minimumHealthyHosts: { type: 'HOST_COUNT', value: 2 } });
    expect(play.end?.error?.code).toBe('HEALTH_CONSTRAINTS_INVALID');
    expect(play.state.targets.map((t) => t.status)).toEqual(['Skipped', 'Skipped']);
    expect(play.writes.some((w) => w.type === 'host')).toBe(false);
  });
});

describe('one host', () => {
  test('CD-LCS-01: every event in its order, one at a time', () => {
    const play = begin(1);
    const seen: string[] = [];
    for (const _ of INSTALL_EVENTS) {
      expect(
        play.target('host-0').events.filter((e) => e.offeredAt && e.status === 'Pending'),
      ).toHaveLength(1);
      seen.push(play.current('host-0')?.name ?? '');
      play.take('host-0').finish('host-0');
    }
    expect(seen).toEqual([...INSTALL_EVENTS]);
    expect(play.end).toEqual({ type: 'end', status: 'Succeeded' });
    expect(play.notices()).toEqual(['START', 'host-0 START', 'host-0 SUCCESS', 'SUCCESS']);
  });

  test('CD-LCS-10: what comes after a failure is skipped', () => {
    const play = begin(1).take('host-0').finish('host-0').take('host-0').finish('host-0', 'Failed');
    expect(play.statuses('host-0')).toEqual(['Succeeded', 'Failed', ...Array(5).fill('Skipped')]);
    expect(play.end).toMatchObject({ status: 'Failed', error: { code: 'HEALTH_CONSTRAINTS' } });
    expect(play.notices().slice(-2)).toEqual(['host-0 FAILURE', 'FAILURE']);
  });

  test('CD-MHH-13: a forgiven ApplicationStop does not fail the host', () => {
    const play = begin(1, { ignoreApplicationStopFailures: true })
      .take('host-0')
      .finish('host-0', 'Failed');
    expect(play.current('host-0')?.name).toBe('DownloadBundle');
    play.take('host-0').finish('host-0', 'Failed');
    expect(play.end?.status).toBe('Failed');
  });

  test('CD-LCS-10, CD-MHH-09: no agent takes the command within 5 minutes', () => {
    const play = begin(1);
    expect(advance(play.state, play.now).wakeAt).toBe(START + START_TIMEOUT_MS);
    play.now += START_TIMEOUT_MS - 1;
    expect(play.step().end).toBeUndefined();
    play.now += 1;
    expect(play.step().end?.error?.code).toBe('AGENT_ISSUE');
  });

  test('CD-LCS-10: an event takes longer than an hour', () => {
    const play = begin(1).take('host-0');
    play.now += RUN_TIMEOUT_MS;
    expect(play.step().end?.error?.code).toBe('HEALTH_CONSTRAINTS');
    expect(play.statuses('host-0')[0]).toBe('Failed');
  });

  test('CD-LCS-10: the deployment takes longer than 12 hours', () => {
    const play = begin(1);
    play.now += DEPLOYMENT_TIMEOUT_MS;
    expect(play.step().end).toMatchObject({ status: 'Failed', error: { code: 'TIMEOUT' } });
  });
});

describe('stopping', () => {
  test('CD-ROL-01: the event in progress ends, the rest is skipped', () => {
    const play = begin(2, { minimumHealthyHosts: { type: 'HOST_COUNT', value: 1 } }).take('host-0');
    play.state.stop = {};
    expect(play.step().end).toBeUndefined();
    expect(play.target('host-1').status).toBe('Skipped');
    play.finish('host-0');
    expect(play.statuses('host-0')).toEqual(['Succeeded', ...Array(6).fill('Skipped')]);
    expect(play.end).toMatchObject({ status: 'Stopped', error: { code: 'MANUAL_STOP' } });
  });

  test('a stop that was acknowledged wins over the time that was up before a server looked', () => {
    const play = begin(1).take('host-0');
    play.state.stop = {};
    play.now += DEPLOYMENT_TIMEOUT_MS;
    expect(play.step().end).toMatchObject({ status: 'Stopped', error: { code: 'MANUAL_STOP' } });
  });

  test('a command that nobody took is withdrawn at once', () => {
    const play = begin(1);
    play.state.stop = {};
    expect(play.step().end?.status).toBe('Stopped');
  });

  test('CD-DG-06: a group that is deleted meanwhile ends it', () => {
    const play = begin(1);
    play.state.groupExists = false;
    expect(play.step().end?.error?.code).toBe('DEPLOYMENT_GROUP_MISSING');
  });
});

describe('CD-DGF-07: alarms', () => {
  const loud = { code: 'ALARM_ACTIVE' as const, message: 'loud' };

  test('are asked for before the first host has a command', () => {
    const play = new Play(snapshot(1, { watchesAlarms: true })).step();
    expect(play.state).toMatchObject({ status: 'Created', alarms: 'asked' });
    expect(advance(snapshot(1, { watchesAlarms: true }), START).work).toEqual([
      { reconciler: 'codedeploy/alarms', key: 'd-ABCDEFGHI' },
    ]);
    play.state.alarms = 'quiet';
    expect(play.step().state.status).toBe('InProgress');
  });

  test('that are on leave all hosts as they are', () => {
    const play = new Play(snapshot(1, { watchesAlarms: true, alarms: loud })).step();
    expect(play.end).toMatchObject({ status: 'Stopped', error: loud });
    expect(play.state.targets).toEqual([]);
  });

  const rollBack = (...events: AutoRollbackEvent[]) => ({ enabled: true, events });
  test.each([
    [true, rollBack('DEPLOYMENT_STOP_ON_ALARM')],
    [false, rollBack('DEPLOYMENT_STOP_ON_REQUEST', 'DEPLOYMENT_FAILURE')],
  ])(
    'that go off let the event in progress end; a rollback follows: %s for %o',
    (expected, autoRollback) => {
      const play = begin(2, {
        ...{ watchesAlarms: true, alarms: 'quiet', autoRollback, hasLastSuccessful: true },
        minimumHealthyHosts: { type: 'HOST_COUNT', value: 1 },
      }).take('host-0');
      play.state.alarms = loud;
      expect(play.step().end).toBeUndefined();
      expect(play.target('host-1').status).toBe('Skipped');
      play.finish('host-0');
      expect(play.end).toMatchObject({ status: 'Stopped', error: loud });
      expect(play.writes.some((w) => w.type === 'rollback')).toBe(expected);
    },
  );
});

test('CD-ROL-01: a stop does not wait for an instance to become healthy, but for what leaves its load balancers', () => {
  const stopped = (event: string) => {
    const play = begin(1, { trafficControl: true });
    const at = () => play.target('host-0').events.find(({ status }) => status !== 'Succeeded');
    while (at()?.name !== event) {
      const open = at();
      if (open) Object.assign(open, { status: 'Succeeded', endedAt: play.now });
      play.step();
    }
    play.state.stop = {};
    return play.step();
  };
  expect(stopped('AllowTraffic').end?.status).toBe('Stopped');
  expect(stopped('BlockTraffic').end).toBeUndefined();
});

test('what a deployment has to know before it starts has an hour', () => {
  const play = new Play(snapshot(1, { role: undefined })).step();
  expect(play.state).toMatchObject({ status: 'Created', role: 'asked' });
  play.now += PREPARE_TIMEOUT_MS - 1;
  expect(play.step().end).toBeUndefined();
  play.now += 1;
  expect(play.step().end).toMatchObject({ status: 'Failed', error: { code: 'TIMEOUT' } });
});

test.each([
  ['launch', false, [...INSTALL_EVENTS]],
  ['launch', true, [...INSTALL_EVENTS, 'BeforeAllowTraffic', 'AllowTraffic', 'AfterAllowTraffic']],
  ['termination', false, ['ApplicationStop']],
  [
    'termination',
    true,
    ['BeforeBlockTraffic', 'BlockTraffic', 'AfterBlockTraffic', 'ApplicationStop'],
  ],
] as const)('CD-LCS-06, 07: what an instance is held for at its %s', (held, traffic, events) => {
  const play = begin(1, { held, trafficControl: traffic });
  expect(play.target('host-0').events.map(({ name }) => name)).toEqual(events);
});

describe('rollback', () => {
  const onFailure = { enabled: true, events: ['DEPLOYMENT_FAILURE' as const] };
  const fail = (more: Partial<Snapshot>) =>
    begin(1, more)
      .take('host-0')
      .finish('host-0', 'Failed')
      .writes.map((w) => w.type);

  test.each([
    ['rollback', { autoRollback: onFailure, hasLastSuccessful: true }],
    ['noRollback', { autoRollback: onFailure, hasLastSuccessful: false }],
    [undefined, { hasLastSuccessful: true }],
    [undefined, { autoRollback: { ...onFailure, enabled: false }, hasLastSuccessful: true }],
    [
      undefined,
      { autoRollback: onFailure, hasLastSuccessful: true, creator: 'codeDeployRollback' },
    ],
  ] as const)('CD-ROL-02, 04: %s for %o', (expected, more) => {
    const types = fail(more as Partial<Snapshot>).filter(
      (type) => type === 'rollback' || type === 'noRollback',
    );
    expect(types).toEqual(expected ? [expected] : []);
  });

  const onStop = { enabled: true, events: ['DEPLOYMENT_STOP_ON_REQUEST' as const] };
  test.each([
    [true, { autoRollback: onStop, stop: {} }],
    [false, { autoRollback: onStop, stop: { rollback: false } }],
    [true, { stop: { rollback: true } }],
    [false, { autoRollback: onFailure, stop: {} }],
  ])('CD-ROL-01: a stop rolls back: %s for %o', (expected, more) => {
    const play = begin(1, { ...more, hasLastSuccessful: true });
    expect(play.writes.some((w) => w.type === 'rollback')).toBe(expected);
  });
});

test('CD-MHH-06: hosts that work when the fleet is cancelled go on to their end', () => {
  const play = begin(4, { minimumHealthyHosts: { type: 'FLEET_PERCENT', value: 50 } });
  play.take('host-0').take('host-1').finish('host-0', 'Failed');
  expect(play.target('host-1').status).toBe('InProgress');
  play.finish('host-1', 'Failed');
  expect(play.end?.error?.code).toBe('HEALTH_CONSTRAINTS');
  expect(play.state.targets.map((t) => t.status)).toEqual([
    'Failed',
    'Failed',
    'Skipped',
    'Skipped',
  ]);
});

test('whatever hosts, agents and users do, a deployment ends, once, with every host and event ended', () => {
  const move = fc.record({
    host: fc.nat(4),
    what: fc.constantFrom('take', 'succeed', 'succeed', 'succeed', 'fail', 'wait', 'stop'),
    wait: fc.nat(20),
  });
  const story = fc.record({
    hosts: fc.integer({ min: 1, max: 5 }),
    minimum: fc.integer({ min: 0, max: 4 }),
    moves: fc.array(move, { maxLength: 80 }),
  });
  fc.assert(
    fc.property(story, ({ hosts, minimum, moves }) => {
      const play = begin(hosts, { minimumHealthyHosts: { type: 'HOST_COUNT', value: minimum } });
      for (const { host, what, wait } of moves) {
        const name = `host-${host % hosts}`;
        if (isTerminal(play.state.status)) break;
        if (what === 'stop') {
          play.state.stop = {};
          // No server may have been there to look until much later.
          play.now += wait * RUN_TIMEOUT_MS;
        } else if (what === 'wait') play.now += START_TIMEOUT_MS;
        else if (what === 'take') play.take(name);
        else play.take(name).finish(name, what === 'fail' ? 'Failed' : 'Succeeded');
        play.step();
      }
      for (let hour = 0; hour < 20 && !isTerminal(play.state.status); hour++) {
        play.now += RUN_TIMEOUT_MS;
        play.step();
      }
      expect(isTerminal(play.state.status)).toBe(true);
      expect(play.writes.filter((w) => w.type === 'end')).toHaveLength(1);
      if (play.state.stop) expect(play.state.status).toBe('Stopped');
      for (const target of play.state.targets) {
        expect(['Succeeded', 'Failed', 'Skipped']).toContain(target.status);
        for (const event of target.events)
          expect(['Succeeded', 'Failed', 'Skipped']).toContain(event.status);
      }
      // Asked again, there is nothing more to do.
      expect(advance(play.state, play.now)).toEqual(NOTHING);
    }),
  );
});

test('all hosts succeed', () => {
  const play = begin(3);
  for (const name of ['host-0', 'host-1', 'host-2']) complete(play, name);
  expect(play.end?.status).toBe('Succeeded');
  expect(play.writes.filter((w) => w.type === 'host').map((w) => w.succeeded)).toEqual([
    true,
    true,
    true,
  ]);
});
