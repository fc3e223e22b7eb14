import { expect, it } from 'vitest';
import { eachDialect } from '../db/testing.ts';
import { ManualClock } from '../lib/clock.ts';
import { defineReconciler } from './engine.ts';
import * as queue from './queue.ts';
import { engineSchema, Gate, Journal, testEngine } from './testing.ts';

const NAME = 'test/thing';
const MINUTE = 60_000;

eachDialect('looking into the engine', (makeDatabase, dialect, reopen) => {
  it('tells who works on what since when, and what waits behind it', async () => {
    const database = await makeDatabase(engineSchema);
    const [journal, gate] = [new Journal(), new Gate()];
    const reconciler = held(journal, gate);
    const { engine, clock, wake } = await testEngine(database, [reconciler], { nodeId: 'here' });
    const start = clock.now().toISOString();
    await engine.start();
    await wake(NAME, 'a');
    await journal.has(1);
    clock.advance(MINUTE);
    const later = clock.now();
    await wake(NAME, 'a');
    await wake(NAME, 'b', new Date(later.getTime() + MINUTE));

    const status = await engine.status();
    const { node } = status.nodes.first[0] ?? {};
    expect(node).toMatch(/^here\//);
    expect(status).toMatchObject({
      at: later.toISOString(),
      nodes: { total: 1, first: [{ since: start, self: true }] },
      leases: { total: 1, first: [{ reconciler: NAME, key: 'a', node, since: start }] },
      failing: { total: 0, first: [] },
      stuck: { total: 0, first: [] },
    });
    expect(status.reconcilers.find(({ name }) => name === NAME)).toEqual({
      ...{ name: NAME, queued: 1, oldest: later.toISOString(), later: 1, working: 1, failing: 0 },
    });
    expect((await engine.lengths()).get(NAME)).toEqual({ due: 1, failing: 0 });
    gate.open();
  });

  it('tells what fails, how often, since when and why, until it succeeds', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    let broken = true;
    const { engine, clock, wake } = await testEngine(database, [
      defineReconciler<undefined>({
        name: NAME,
        async reconcile(_, key) {
          journal.add(key);
          if (broken && key === 'a') throw new Error('cannot open /srv/hunter2: denied');
          return undefined;
        },
      }),
    ]);
    const start = clock.now().toISOString();
    await engine.start();
    await wake(NAME, 'a');
    await wake(NAME, 'b');
    await engine.idle();
    clock.advance(1_000);
    await engine.idle();
    expect((await engine.status()).failing).toEqual({
      total: 1,
      first: [
        {
          ...{ reconciler: NAME, key: 'a', attempts: 2, since: start },
          lastError: 'Error: cannot open … denied',
          nextTry: new Date(clock.now().getTime() + 2_000).toISOString(),
        },
      ],
    });
    expect((await engine.lengths()).get(NAME)).toEqual({ due: 0, failing: 1 });

    broken = false;
    clock.advance(2_000);
    await engine.idle();
    expect((await engine.status()).failing).toEqual({ total: 0, first: [] });
    expect((await engine.lengths()).get(NAME)).toEqual({ due: 0, failing: 0 });
  });

  it('forgets the failures of what succeeds and is to be looked at again', async () => {
    const database = await makeDatabase(engineSchema);
    const answers = [
      () => Promise.reject(new Error('no')),
      async () => new Date(8_640_000_000_000),
    ];
    const { engine, clock, wake } = await testEngine(database, [
      defineReconciler<undefined>({
        name: NAME,
        reconcile: async () => answers.shift()?.(),
      }),
    ]);
    await engine.start();
    await wake(NAME, 'a');
    await engine.idle();
    expect((await engine.status()).failing.total).toBe(1);
    clock.advance(1_000);
    await engine.idle();
    const { failing, reconcilers } = await engine.status();
    expect(failing.total).toBe(0);
    expect(reconcilers).toContainEqual(expect.objectContaining({ name: NAME, later: 1 }));
  });

  it('keeps the error of what is interrupted', async () => {
    const database = await makeDatabase(engineSchema);
    const [journal, gate] = [new Journal(), new Gate()];
    let runs = 0;
    const failsThenWaits = defineReconciler<undefined>({
      name: NAME,
      async reconcile(_, key, signal) {
        if (runs++ === 0) throw new Error('no');
        journal.add(key);
        signal.addEventListener('abort', gate.open);
        await gate.opened;
        return undefined;
      },
    });
    const { engine, clock, wake } = await testEngine(database, [failsThenWaits]);
    await engine.start();
    await wake(NAME, 'a');
    await engine.idle();
    clock.advance(1_000);
    await journal.has(1);
    await engine.stop();
    expect((await engine.status()).failing.first).toMatchObject([
      { key: 'a', attempts: 1, lastError: 'Error: no', nextTry: clock.now().toISOString() },
    ]);
  });

  it('calls stuck what nobody begins for five minutes, also of reconcilers that are gone', async () => {
    const database = await makeDatabase(engineSchema);
    const { engine, clock } = await testEngine(database, []);
    const start = clock.now();
    const times = { dueAt: queue.AT_ONCE, now: start.getTime() };
    await database.transaction(async (tx) => {
      await queue.addWakes(tx, 'gone/thing', ['a', 'a', 'b'], times);
      const dueAt = start.getTime() + MINUTE;
      await queue.addWakes(tx, 'gone/thing', ['later'], { ...times, dueAt });
    });
    clock.advance(5 * MINUTE - 1);
    expect((await engine.status()).stuck.total).toBe(0);
    clock.advance(1);
    const { stuck } = await engine.status();
    expect(stuck.total).toBe(2);
    const waiting = { reconciler: 'gone/thing', state: 'waiting', since: start.toISOString() };
    expect(stuck.first).toEqual(
      expect.arrayContaining([
        { ...waiting, key: 'a' },
        { ...waiting, key: 'b' },
      ]),
    );
  });

  it('calls stuck what is worked on for longer than its reconciler says', async () => {
    const database = await makeDatabase(engineSchema);
    const [journal, gate] = [new Journal(), new Gate()];
    const { engine, clock, wake } = await testEngine(database, [
      held(journal, gate),
      { ...held(journal, gate), name: 'test/patient', longestMs: 60 * MINUTE },
    ]);
    const since = clock.now().toISOString();
    await engine.start();
    await wake(NAME, 'a');
    await wake('test/patient', 'b');
    await journal.has(2);
    clock.advance(15 * MINUTE);
    const { stuck, rule, nodes } = await engine.status();
    const node = nodes.first[0]?.node;
    const first = { reconciler: NAME, key: 'a', node, since, state: 'working' };
    expect(stuck).toEqual({ total: 1, first: [first] });
    expect(rule).toEqual({
      ...{ waitingMs: 5 * MINUTE, workingMs: 15 * MINUTE },
      exceptions: { 'test/patient': 60 * MINUTE },
      staying: [],
    });
    clock.advance(45 * MINUTE);
    expect((await engine.status()).stuck.first.map(({ key }) => key)).toEqual(
      expect.arrayContaining(['a', 'b']),
    );
    gate.open();
  });

  it('calls neither due nor stuck a key with which somebody stays, and waits for no such run', async () => {
    const database = await makeDatabase(engineSchema);
    const [journal, gate] = [new Journal(), new Gate()];
    const { engine, clock, wake } = await testEngine(database, [
      { ...held(journal, gate), stays: true },
    ]);
    await engine.start();
    // As a server before has left it.
    const claimed = async () => {
      await queue.register(database, { node: 'n', host: 'n', now: 0 });
      await database.transaction((tx) =>
        queue.addWakes(tx, NAME, ['a'], { dueAt: queue.AT_ONCE, now: 0 }),
      );
      const [claim] = await queue.claim(database, 'n', NAME, 1, 0);
      if (claim) await queue.settle(database, claim, { dueAt: 0, failing: undefined }, 0);
    };
    await claimed();
    await wake(NAME, 'a');
    await engine.idle();
    await wake(NAME, 'a');
    await engine.idle();
    expect(journal.entries).toEqual(['a']);
    clock.advance(60 * MINUTE);
    const { reconcilers, stuck, rule } = await engine.status();
    expect(reconcilers.find(({ name }) => name === NAME)).toMatchObject({ queued: 0, working: 1 });
    expect((await engine.lengths()).get(NAME)).toEqual({ due: 0, failing: 0 });
    expect(stuck.total).toBe(0);
    expect(rule.staying).toEqual([NAME]);
    gate.open();
    // What woke it meanwhile is not lost.
    await journal.has(2);
  });

  it('lists a hundred of each and counts them all', async () => {
    const database = await makeDatabase(engineSchema);
    const { engine, clock } = await testEngine(database, []);
    const now = clock.now().getTime();
    const keys = Array.from({ length: 130 }, (_, i) => `k${i}`);
    await queue.register(database, { node: 'other', host: 'other', now });
    await database.transaction(async (tx) => {
      await queue.addWakes(tx, 'x/held', keys, { dueAt: queue.AT_ONCE, now });
      await queue.addWakes(tx, 'x/free', keys, { dueAt: queue.AT_ONCE, now });
    });
    await queue.claim(database, 'other', 'x/held', keys.length, now);
    clock.advance(20 * MINUTE);
    const { leases, stuck } = await engine.status();
    expect([leases.total, leases.first.length]).toEqual([130, 100]);
    expect([stuck.total, stuck.first.length]).toEqual([260, 100]);
  });

  // On SQLite there is one.
  if (dialect === 'postgres')
    it('shows every server, and when its heart beat last', async () => {
      const database = await makeDatabase(engineSchema);
      const clock = new ManualClock();
      const here = await testEngine(database, [], { clock, nodeId: 'here' });
      const there = await testEngine(await reopen(), [], { clock, nodeId: 'there' });
      await here.engine.start();
      clock.advance(1);
      await there.engine.start();
      clock.advance(3_000);
      const beaten = clock.now().toISOString();
      await expect
        .poll(async () => (await here.engine.status()).nodes.first.map((one) => one.lastHeartbeat))
        .toContain(beaten);
      const selves = async (engine: typeof here.engine) =>
        (await engine.status()).nodes.first.map(({ node, self }) => [node.split('/')[0], self]);
      expect(await selves(here.engine)).toEqual([
        ['here', true],
        ['there', false],
      ]);
      expect(await selves(there.engine)).toEqual([
        ['here', false],
        ['there', true],
      ]);
    });
});

/** Stays with each key until the gate opens. */
function held(journal: Journal, gate: Gate) {
  return defineReconciler<undefined>({
    name: NAME,
    async reconcile(_, key) {
      journal.add(key);
      await gate.opened;
      return undefined;
    },
  });
}
