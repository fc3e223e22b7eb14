import { describe, expect, test } from 'vitest';
import { takeStep } from '../../../../engine/machine.ts';
import { decisions } from '../advance.ts';
import type { BlueGreen } from '../blue-green.ts';
import type { Draft, Snapshot, Write } from '../deployment-state.ts';
import { START, snapshot, written } from '../testing.ts';

const MINUTE = 60_000;

/** A blue/green deployment from so many instances to as many others, played as hosts, balancers and users would. */
class Play {
  state: Snapshot;
  now = START;
  writes: Write[] = [];
  work: string[] = [];

  constructor(pairs: number, way: Partial<BlueGreen> = {}, more: Partial<Snapshot> = {}) {
    const side = (label: 'Blue' | 'Green') =>
      snapshot(pairs).candidates.map((host, index) => ({
        ...host,
        ...{ label, name: `${label.toLowerCase()}-${index}` },
      }));
    this.state = snapshot(0, {
      ...{ trafficControl: true, candidates: [...side('Green'), ...side('Blue')] },
      blueGreen: { takesBack: false, reroute: {}, ...way },
      ...more,
    });
    this.step();
  }

  step(change: (draft: Draft) => void = () => undefined): this {
    const { step } = takeStep(decisions, this.state, this.now, change);
    this.writes.push(...step.writes);
    this.work.push(...step.work.map(({ reconciler }) => reconciler));
    this.state = written(this.state, step.writes);
    return this;
  }

  /** Each host ends what it has begun, until nothing is under way; `fails` says which events fail, as `green-0/Install`. */
  run(...fails: string[]): this {
    for (let round = 0; round < 100; round++) {
      const open = this.state.targets.filter(({ status }) => status === 'InProgress');
      if (open.length === 0) return this;
      this.step((draft) => {
        for (const { name } of open) {
          const target = draft.state.targets.find((one) => one.name === name);
          const position = target?.events.findIndex(({ status }) => /Pending|InP/.test(status));
          const event = target?.events[position ?? -1];
          if (!target || position === undefined || !event) continue;
          const status = fails.includes(`${name}/${event.name}`) ? 'Failed' : 'Succeeded';
          draft.setEvent(target, position, { status, startedAt: this.now, endedAt: this.now });
        }
      });
    }
    throw new Error('no end');
  }

  get statuses(): Record<string, string> {
    return Object.fromEntries(this.state.targets.map(({ name, status }) => [name, status]));
  }

  get told(): string[] {
    return this.writes.flatMap((write) =>
      write.type === 'notify'
        ? [write.subject === 'instance' ? `${write.name} ${write.state}` : write.state]
        : [],
    );
  }

  /** The order in which events began. */
  get begun(): string[] {
    return this.writes.flatMap((write) => {
      if (write.type !== 'event' || (!write.set.offeredAt && write.set.status !== 'InProgress'))
        return [];
      const target = this.state.targets.find(({ name }) => name === write.target);
      return [`${write.target}/${target?.events[write.position]?.name}`];
    });
  }
}

describe('a blue/green deployment of servers', () => {
  test('CD-LCS-03, 04: the replacement gets the revision, then the traffic, and then the original loses it', () => {
    const play = new Play(1).run();
    expect(play.begun).toEqual([
      ...['green-0/ApplicationStop', 'green-0/DownloadBundle', 'green-0/BeforeInstall'],
      ...['green-0/Install', 'green-0/AfterInstall', 'green-0/ApplicationStart'],
      ...['green-0/ValidateService', 'green-0/BeforeAllowTraffic', 'green-0/AllowTraffic'],
      ...['green-0/AfterAllowTraffic', 'blue-0/BeforeBlockTraffic', 'blue-0/BlockTraffic'],
      'blue-0/AfterBlockTraffic',
    ]);
    expect(play.state.status).toBe('Succeeded');
    expect(play.told).toEqual([
      ...['START', 'green-0 START', 'green-0 READY', 'green-0 SUCCESS'],
      ...['blue-0 START', 'blue-0 SUCCESS', 'SUCCESS'],
    ]);
    // What was not installed on the original is not remembered of it.
    expect(play.writes.filter(({ type }) => type === 'host')).toEqual([
      { type: 'host', name: 'green-0', succeeded: true },
    ]);
    expect(play.work.filter((name) => name === 'codedeploy/traffic')).toHaveLength(2);
  });

  test('CD-DGF-11: it is Ready until somebody continues, or is stopped when nobody does', () => {
    const waiting = new Play(1, { readyWaitMs: 5 * MINUTE }).run();
    expect(waiting.state.status).toBe('Ready');
    expect(waiting.statuses).toEqual({ 'green-0': 'Ready', 'blue-0': 'Pending' });
    expect(waiting.told).toContain('READY');
    const { step } = takeStep(decisions, waiting.state, waiting.now, () => undefined);
    expect(step.wakeAt).toBe(START + 5 * MINUTE);

    waiting.now += 5 * MINUTE;
    const end = waiting.step().writes.find((write) => write.type === 'end');
    expect(end).toMatchObject({ status: 'Stopped', error: { code: 'TIMEOUT' } });
    expect(waiting.statuses).toEqual({ 'green-0': 'Skipped', 'blue-0': 'Skipped' });

    const continued = new Play(1, { readyWaitMs: 5 * MINUTE }).run();
    continued.step((draft) => draft.setReroute({ continued: true })).run();
    expect(continued.state.status).toBe('Succeeded');
  });

  test('CD-DGF-11: original instances are terminated after the wait, or when it is skipped', () => {
    const play = new Play(2, { terminationWaitMs: 10 * MINUTE }).run();
    expect(play.state).toMatchObject({
      status: 'InProgress',
      blueGreen: { reroute: { waitsSince: START } },
    });
    play.now += 10 * MINUTE - 1;
    expect(play.step().work).not.toContain('codedeploy/termination');
    const skipped = new Play(2, { terminationWaitMs: 10 * MINUTE }).run();
    skipped.step((draft) => draft.setReroute({ waitSkipped: true }));
    play.now += 1;
    play.step();
    for (const { work, state } of [play, skipped]) {
      expect(work.filter((name) => name === 'codedeploy/termination')).toHaveLength(1);
      expect(state.status).toBe('InProgress');
    }
    // What is under way goes on, whoever stops it now.
    play.state.stop = {};
    play.now += 1000 * 60 * MINUTE;
    expect(play.step().state.status).toBe('InProgress');
    expect(play.state.ending).toBeUndefined();
    const done = (draft: Draft) => draft.answerTermination('done');
    expect(skipped.step(done).state.status).toBe('Succeeded');
    const refused = new Play(1, { terminationWaitMs: 0 }).run();
    refused.step((draft) => draft.answerTermination({ refused: 'protected' }));
    expect(refused.writes.find(({ type }) => type === 'end')).toMatchObject({
      status: 'Failed',
      error: { message: expect.stringContaining('protected') },
    });
  });

  test.each([
    ['all at once', 0, 1],
    ['half', 2, 2],
    ['one', 3, 4],
    // A count that only makes sense before: one still may come.
    ['none to spare of those that came', 3, 4],
  ])('CD-CFG-02: %s: so many get traffic at once', (_words, value, rounds) => {
    const play = new Play(4, {}, { minimumHealthyHosts: { type: 'HOST_COUNT', value } }).run();
    const seen = play.writes.filter(
      (write) => write.type === 'event' && write.position === 8 && write.set.startedAt,
    );
    expect(seen.length).toBeGreaterThanOrEqual(4);
    expect(play.state.status).toBe('Succeeded');
    const first = play.begun.findIndex((event) => event.endsWith('/AfterAllowTraffic'));
    const before = play.begun.slice(0, first).filter((e) => e.endsWith('/AllowTraffic')).length;
    expect(before).toBe(4 / rounds);
  });

  test('CD-MHH-11: what did not get the revision gets no traffic, and one of those that did always may', () => {
    const minimum = { minimumHealthyHosts: { type: 'HOST_COUNT' as const, value: 3 } };
    const play = new Play(4, {}, minimum).run('green-3/Install');
    expect(play.state.status).toBe('Succeeded');
    const allowed = play.begun.filter((event) => event.endsWith('/AllowTraffic'));
    expect(allowed.toSorted()).toEqual([0, 1, 2].map((n) => `green-${n}/AllowTraffic`));
  });

  const onFailure = { enabled: true, events: ['DEPLOYMENT_FAILURE' as const] };
  test('CD-LCS-05: what failed before traffic was touched needs no way back; after it, traffic goes back', () => {
    const more = { autoRollback: onFailure };
    const early = new Play(1, {}, more).run('green-0/Install');
    expect(early.state.status).toBe('Failed');
    const types = ({ writes }: Play) => writes.map(({ type }) => type);
    expect(types(early)).not.toContain('rollback');
    expect(types(early)).toContain('noRollback');

    const late = new Play(1, {}, more).run('blue-0/BlockTraffic');
    expect(late.state.status).toBe('Failed');
    expect(types(late)).toContain('rollback');
    // CD-MHH-11: one of the original instances is enough.
    const one = new Play(3, {}, more).run('blue-1/AfterBlockTraffic');
    expect(one.statuses).toMatchObject({ 'blue-0': 'Succeeded', 'blue-1': 'Failed' });
    expect(one.state.status).toBe('Failed');
  });

  test('CD-LCS-05: on the way back the original gets the traffic before the replacement loses it; nothing is installed', () => {
    const play = new Play(1, { takesBack: true }).run();
    expect(play.begun).toEqual([
      ...['blue-0/BeforeAllowTraffic', 'blue-0/AllowTraffic', 'blue-0/AfterAllowTraffic'],
      ...['green-0/BeforeBlockTraffic', 'green-0/BlockTraffic', 'green-0/AfterBlockTraffic'],
    ]);
    expect(play.state.status).toBe('Succeeded');
    expect(play.writes.filter(({ type }) => type === 'host')).toEqual([]);
    const failed = new Play(1, { takesBack: true }).run('blue-0/AllowTraffic');
    // Who has the traffic keeps it.
    expect(failed.statuses).toEqual({ 'blue-0': 'Failed', 'green-0': 'Skipped' });
  });

  test('CD-LCS-05: traffic does not leave the replacement for original instances that do not run', () => {
    const play = new Play(1, { takesBack: true, gone: ['blue-0'] }).run();
    expect(play.begun).toEqual([]);
    expect(play.writes.find(({ type }) => type === 'end')).toMatchObject({
      status: 'Failed',
      error: { code: 'NO_INSTANCES', message: expect.stringContaining('blue-0') },
    });
  });

  test.each([
    ['one is gone', { refused: 'protected', some: true }, 'noRollback'],
    ['all are there', { refused: 'protected', some: false }, 'rollback'],
  ])('original instances cannot be terminated, and %s', (_words, answer, expected) => {
    const play = new Play(2, { terminationWaitMs: 0 }, { autoRollback: onFailure }).run();
    play.step((draft) => draft.answerTermination(answer));
    expect(play.state.status).toBe('Failed');
    expect(play.writes.filter(({ type }) => /ollback/.test(type))).toMatchObject([
      { type: expected },
    ]);
  });

  test.each([
    [{ lacks: 'balancer' }, 'MISSING_ELB_INFORMATION'],
    [{ lacks: 'configuration' }, 'MISSING_BLUE_GREEN_DEPLOYMENT_CONFIGURATION'],
  ] as const)('CD-DGF-10: a group with %o cannot begin', (way, code) => {
    const end = new Play(1, way).writes.find(({ type }) => type === 'end');
    expect(end).toMatchObject({ status: 'Failed', error: { code } });
  });

  test('CD-DEP-10: both sides have as many instances', () => {
    const candidates = new Play(2).state.candidates.slice(1);
    const end = new Play(2, {}, { candidates }).writes.find(({ type }) => type === 'end');
    expect(end).toMatchObject({ status: 'Failed', error: { code: 'NO_INSTANCES' } });
  });

  test('an instance that is terminated has failed, also while it waits for traffic', () => {
    const play = new Play(2, { readyWaitMs: MINUTE }).run();
    play.step((draft) => draft.lose('green-1', 'gone', START));
    expect(play.statuses).toMatchObject({ 'green-0': 'Ready', 'green-1': 'Failed' });
    play.step((draft) => draft.setReroute({ continued: true })).run();
    // All at once: one is enough.
    expect(play.state.status).toBe('Succeeded');
    const original = new Play(1).step((draft) => draft.lose('blue-0', 'gone', START)).run();
    expect(original.state.status).toBe('Failed');
  });
});
