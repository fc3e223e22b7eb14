import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eachDialect } from '../db/testing.ts';
import { ManualClock } from '../lib/clock.ts';
import { backoff } from './backoff.ts';
import { defineReconciler } from './engine.ts';
import * as queue from './queue.ts';
import { engineSchema, Gate, Journal, testEngine } from './testing.ts';

const NAME = 'test/thing';
const AT_ONCE = { dueAt: queue.AT_ONCE, now: 0 };

eachDialect('engine', (makeDatabase, dialect) => {
  it('runs a key that is woken, after the commit, and not one whose transaction failed', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    const { engine, wake } = await testEngine(database, [recorder(journal)]);
    await engine.start();
    const failed = database.transaction(async (tx) => {
      await engine.wake(tx, NAME, 'never');
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    await wake(NAME, 'a');
    await journal.has(1);
    expect(journal.entries).toEqual(['a']);
  });

  it('refuses to wake a reconciler that does not exist, or outside a transaction', async () => {
    const database = await makeDatabase(engineSchema);
    const { wake } = await testEngine(database, [recorder(new Journal())]);
    await expect(wake('test/nothing', 'a')).rejects.toThrow('There is no reconciler test/nothing.');
  });

  it('runs once for wake-ups that come before it runs', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    const { engine, wake } = await testEngine(database, [recorder(journal)]);
    await wake(NAME, 'a');
    await wake(NAME, 'a');
    await database.transaction(async (tx) => {
      await engine.wake(tx, NAME, 'a');
      await engine.wake(tx, NAME, 'a');
    });
    await engine.start();
    await journal.has(1);
    await wake(NAME, 'last');
    await journal.until((entries) => entries.includes('last'));
    expect(journal.entries).toEqual(['a', 'last']);
  });

  it('runs again when it is woken during a run, and never twice at a time', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    const gate = new Gate();
    const { engine, wake } = await testEngine(database, [
      defineReconciler<undefined>({
        name: NAME,
        async reconcile(_, key) {
          journal.add(`+${key}`);
          await gate.opened;
          journal.add(`-${key}`);
          return undefined;
        },
      }),
    ]);
    await engine.start();
    await wake(NAME, 'a');
    await journal.has(1);
    await wake(NAME, 'a');
    await wake(NAME, 'a');
    await wake(NAME, 'b');
    await journal.has(2);
    expect(journal.entries).toEqual(['+a', '+b']);
    gate.open();
    await journal.has(6);
    expect(journal.entries.filter((e) => e.endsWith('a'))).toEqual(['+a', '-a', '+a', '-a']);
  });

  it('waits until a wake-up is due, whatever happens before', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    const { engine, wake, clock } = await testEngine(database, [recorder(journal)]);
    await engine.start();
    await wake(NAME, 'later', new Date(clock.now().getTime() + 60_000));
    await wake(NAME, 'now');
    await journal.has(1);
    // An earlier run is not what was asked for: it looks once more when it is due.
    await wake(NAME, 'later');
    await journal.has(2);
    clock.advance(59_000);
    await wake(NAME, 'almost');
    await journal.has(3);
    clock.advance(1_000);
    await journal.has(4);
    expect(journal.entries).toEqual(['now', 'later', 'almost', 'later']);
  });

  it('looks again when the run says so', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    const clock = new ManualClock();
    const answers: (Date | 'now' | undefined)[] = [
      'now',
      new Date(clock.now().getTime() + 5_000),
      undefined,
    ];
    const { engine, wake } = await testEngine(
      database,
      [
        defineReconciler<undefined>({
          name: NAME,
          async reconcile() {
            journal.add(clock.now().toISOString().slice(17, 19));
            return answers.shift();
          },
        }),
      ],
      { clock },
    );
    await engine.start();
    await wake(NAME, 'a');
    await journal.has(2);
    await settled(database, 1);
    clock.advance(5_000);
    await journal.has(3);
    await settled(database, 0);
    expect(journal.entries).toEqual(['00', '00', '05']);
  });

  it('tries a run that fails again, later and later, but at once when it is woken', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    const clock = new ManualClock();
    const start = clock.now().getTime();
    let fails = 3;
    const reconciler = defineReconciler<undefined>({
      name: NAME,
      async reconcile() {
        journal.add(String((clock.now().getTime() - start) / 1_000));
        if (fails-- > 0) throw new Error('not yet');
        return undefined;
      },
    });
    const { engine, wake } = await testEngine(database, [reconciler], { clock });
    await engine.start();
    await wake(NAME, 'a');
    for (const [runs, wait] of [
      [1, 1_000],
      [2, 2_000],
    ] as const) {
      await journal.has(runs);
      await settled(database, 1);
      clock.advance(wait);
    }
    await journal.has(3);
    await settled(database, 1);
    await wake(NAME, 'a');
    await journal.has(4);
    await settled(database, 0);
    expect(journal.entries).toEqual(['0', '1', '3', '3']);
  });

  it('works on no more keys at a time than it may, and on all in the end, in their order', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    const seen: string[] = [];
    let running = 0;
    let most = 0;
    const reconciler = defineReconciler<undefined>({
      name: NAME,
      concurrency: 3,
      async reconcile(_, key) {
        most = Math.max(most, ++running);
        seen.push(key);
        await database.db.selectNoFrom((e) => e.lit(1).as('one')).execute();
        running--;
        journal.add(key);
        return undefined;
      },
    });
    const { engine, wake } = await testEngine(database, [reconciler]);
    const keys = Array.from({ length: 20 }, (_, i) => `k${String(i).padStart(2, '0')}`);
    for (const key of keys) await wake(NAME, key);
    await engine.start();
    await journal.has(20);
    expect(most).toBeLessThanOrEqual(3);
    expect([...seen].sort()).toEqual(keys);
    expect(seen.slice(0, 3).sort()).toEqual(keys.slice(0, 3));
  });

  it('sweeps at start and once a minute', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    const reconciler = { ...recorder(journal), sweep: async () => ['missed', 'lost'] };
    const { engine, clock } = await testEngine(database, [reconciler]);
    await engine.start();
    await journal.has(2);
    await settled(database, 1, 'engine/sweep');
    await settled(database, 0);
    clock.advance(60_000);
    await journal.has(4);
    expect([...journal.entries].sort()).toEqual(['lost', 'lost', 'missed', 'missed']);
  });

  it('looks again when the clock is set back, while it runs or before it starts', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    const clock = new ManualClock();
    const reconciler = defineReconciler<undefined>({
      name: NAME,
      async reconcile() {
        journal.add(clock.now().toISOString().slice(11, 16));
        return new Date(clock.now().getTime() + 60_000);
      },
    });
    const { engine, wake } = await testEngine(database, [reconciler], { clock });
    await engine.start();
    await wake(NAME, 'a');
    await journal.has(1);
    await engine.idle();
    clock.setBack(5 * 3_600_000);
    // As long as it was to wait.
    clock.advance(60_000);
    await journal.has(2);
    await engine.idle();
    await engine.stop();
    clock.setBack(5 * 3_600_000);
    const again = await testEngine(database, [reconciler], { clock });
    await again.engine.start();
    await journal.has(3);
    expect(journal.entries).toEqual(['00:00', '19:01', '14:01']);
  });

  it('stops: takes nothing more, tells what runs, waits for it, and runs it again at the next start', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    const reconciler = defineReconciler<undefined>({
      name: NAME,
      async reconcile(_, key, signal) {
        journal.add(`+${key}`);
        if (journal.entries.length > 1) return undefined;
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        journal.add(`-${key}`);
        return undefined;
      },
    });
    const first = await testEngine(database, [reconciler]);
    await first.engine.start();
    await first.wake(NAME, 'a');
    await journal.has(1);
    await first.engine.stop();
    expect(journal.entries).toEqual(['+a', '-a']);
    await first.wake(NAME, 'b');
    const second = await testEngine(database, [reconciler]);
    await second.engine.start();
    await journal.has(4);
    expect(journal.entries.slice(2).sort()).toEqual(['+a', '+b']);
  });

  it('runs after a restart what a crash left between the commit and the run, or in the middle of it', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    // What a process that was killed leaves behind: a wake-up, and a lease without one.
    await queue.register(database, { node: 'node-1/dead', host: 'node-1', now: 0 });
    await database.transaction((tx) => queue.addWakes(tx, NAME, ['running', 'waiting'], AT_ONCE));
    const claims = await queue.claim(database, 'node-1/dead', NAME, 1, 0);
    expect(claims.map((claim) => claim.key)).toHaveLength(1);
    const { engine } = await testEngine(database, [recorder(journal)], { nodeId: 'node-1' });
    await engine.start();
    await journal.has(2);
    expect([...journal.entries].sort()).toEqual(['running', 'waiting']);
  });

  it('does not let a claim be settled that is lost, nor a dead node claim', async () => {
    const database = await makeDatabase(engineSchema);
    await queue.register(database, { node: 'a', host: 'a', now: 0 });
    await queue.register(database, { node: 'b', host: 'b', now: 0 });
    await database.transaction((tx) => queue.addWakes(tx, NAME, ['k'], AT_ONCE));
    const [claim] = await queue.claim(database, 'a', NAME, 5, 0);
    if (!claim) throw new Error('It was free.');
    expect(await queue.claim(database, 'b', NAME, 5, 0)).toEqual([]);
    await queue.bury(database, 'a', 0);
    await expect(queue.claim(database, 'a', NAME, 5, 0)).rejects.toThrow(/foreign key/i);
    const [taken] = await queue.claim(database, 'b', NAME, 5, 0);
    expect(taken?.key).toBe('k');
    expect(await queue.settle(database, claim, undefined, 0)).toBe(false);
    expect(taken && (await queue.settle(database, taken, undefined, 0))).toBe(true);
  });

  it('looks at each key after its last wake-up, whatever the order (property)', async () => {
    const database = await makeDatabase(engineSchema);
    const looked = new Map<string, number>();
    const written = new Map<string, number>();
    const journal = new Journal();
    const reconciler = defineReconciler<undefined>({
      name: NAME,
      concurrency: 2,
      async reconcile(_, key) {
        const truth = written.get(key) ?? 0;
        await database.db.selectNoFrom((e) => e.lit(1).as('one')).execute();
        looked.set(key, truth);
        journal.add(key);
        return undefined;
      },
    });
    const { engine, wake } = await testEngine(database, [reconciler]);
    await engine.start();
    const keys = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(keys, async (sequence) => {
        const wakes = sequence.map(async (key) => {
          written.set(key, (written.get(key) ?? 0) + 1);
          await wake(NAME, key);
        });
        await Promise.all(wakes);
        await journal.until(() => [...written].every(([key, value]) => looked.get(key) === value));
      }),
      { numRuns: dialect === 'sqlite' ? 30 : 10 },
    );
  });

  /** Waits until no lease of `name` is held and `wakes` rows are left. */
  async function settled(
    database: Awaited<ReturnType<typeof makeDatabase>>,
    wakes: number,
    name = NAME,
  ): Promise<void> {
    const db = database.db.withTables<queue.QueueTables>();
    await expect
      .poll(async () => [
        await db.selectFrom('engine_lease').select('key').where('name', '=', name).execute(),
        (await db.selectFrom('engine_wake').select('key').where('name', '=', name).execute())
          .length,
      ])
      .toEqual([[], wakes]);
  }
});

function recorder(journal: Journal) {
  return defineReconciler<undefined>({
    name: NAME,
    async reconcile(_, key) {
      journal.add(key);
      return undefined;
    },
  });
}

it.each([
  [1, 1],
  [2, 2],
  [3, 4],
  [9, 256],
  [10, 300],
  [1_000, 300],
])('waits after %i failures %i s', (failures, seconds) => {
  expect(backoff(failures)).toBe(seconds * 1_000);
});
