import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { DatabaseOptions } from '../db/open.ts';
import { openReader } from '../db/sqlite.ts';
import { eachDialect } from '../db/testing.ts';
import { ManualClock } from '../lib/clock.ts';
import { defineReconciler } from './engine.ts';
import { type CounterTables, counterSchema } from './fixture-node.ts';
import { BEAT_MS } from './membership.ts';
import { AT_ONCE, addWakes, type QueueTables } from './queue.ts';
import { engineSchema, Gate, Journal, randomMoment, testEngine } from './testing.ts';

const KEYS = ['a', 'b', 'c', 'd'];
const COUNTER = 'test/counter';

eachDialect('engine under kill -9', (makeDatabase, dialect, reopen, place) => {
  it('counts each step once, whenever it is killed and started again', {
    timeout: 120_000,
  }, async () => {
    const goal = 150;
    const { node, read } = await counting(goal);
    for (let kills = 0; kills < 8; kills++) {
      const server = await node('node-1');
      await randomMoment(100);
      await kill(server);
    }
    const last = await node('node-1');
    await expect
      .poll(async () => Math.min(...(await read()).totals), { timeout: 60_000 })
      .toBe(goal);
    await kill(last);
    const { steps } = await read();
    for (const key of KEYS) {
      const values = steps.filter((step) => step.key === key).map((step) => step.value);
      expect(values).toEqual(Array.from({ length: goal }, (_, i) => i + 1));
    }
  });

  // What follows needs several nodes.
  if (dialect === 'sqlite') return;

  it('takes over within 16 s what another node worked on', { timeout: 120_000 }, async () => {
    const { node, read, database } = await counting(1_000_000);
    const counted = async () => [...new Set((await read()).steps.map((step) => step.node))].sort();
    const doomed = await node('doomed');
    await expect.poll(counted, { timeout: 20_000 }).toEqual(['doomed']);
    const heir = await node('heir');
    // Until it is in the middle of a step: the others see its lease, and nothing but its silence tells them.
    const leases = database.db.withTables<QueueTables>().selectFrom('engine_lease').selectAll();
    const doomedHolds = async () =>
      (await leases.execute()).filter((l) => l.node.startsWith('doomed')).length;
    doomed.kill('SIGSTOP');
    while ((await doomedHolds()) === 0) {
      doomed.kill('SIGCONT');
      await randomMoment(20);
      doomed.kill('SIGSTOP');
    }
    await kill(doomed);
    const killed = Date.now();
    await expect.poll(doomedHolds, { timeout: 30_000 }).toBe(0);
    expect(Date.now() - killed).toBeLessThan(16_000);
    await expect.poll(counted, { timeout: 10_000 }).toEqual(['doomed', 'heir']);
    await kill(heir);
  });

  it('never works on a key on two nodes at a time', async () => {
    const database = await makeDatabase(engineSchema);
    const other = await reopen();
    const running = new Set<string>();
    const journal = new Journal();
    const on = (node: string) =>
      defineReconciler<undefined>({
        name: COUNTER,
        concurrency: 4,
        async reconcile(_, key) {
          if (running.has(key)) journal.add(`two at a time: ${key}`);
          running.add(key);
          await database.db.selectNoFrom((e) => e.lit(1).as('one')).execute();
          running.delete(key);
          journal.add(`${key} on ${node}`);
          return undefined;
        },
      });
    const left = await testEngine(database, [on('left')], { nodeId: 'left' });
    const right = await testEngine(other, [on('right')], { nodeId: 'right' });
    await Promise.all([left.engine.start(), right.engine.start()]);
    const wakes = Array.from({ length: 60 }, (_, i) =>
      (i % 2 ? left : right).wake(COUNTER, `k${i % 5}`),
    );
    await Promise.all(wakes);
    // Each key, however often it was woken, by whichever node.
    await journal.until(
      (entries) => new Set(entries.map((entry) => entry.split(' ')[0])).size >= 5,
    );
    expect(journal.entries.filter((entry) => entry.startsWith('two'))).toEqual([]);
  });

  it('tells a node that was declared dead to stop, and lets it live on', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    const gate = new Gate();
    const frozen = await testEngine(database, [untilTold('frozen', journal, gate)], {
      nodeId: 'frozen',
    });
    await frozen.engine.start();
    await frozen.wake(COUNTER, 'k');
    await journal.has(1);
    const healthyDatabase = await reopen();
    const healthy = await testEngine(healthyDatabase, [untilTold('healthy', journal, gate)], {
      clock: new ManualClock(),
      nodeId: 'healthy',
    });
    await healthy.engine.start();
    // Its clock moves on until it has seen the other one's beat stand still long enough.
    const healthyBegins = () => {
      healthy.clock.advance(BEAT_MS);
      return journal.entries.length;
    };
    await expect.poll(healthyBegins, { timeout: 20_000 }).toBe(2);
    expect(journal.entries).toEqual(['frozen begins k', 'healthy begins k']);
    frozen.clock.advance(BEAT_MS);
    await journal.has(3);
    expect(journal.entries[2]).toBe('frozen is told: The node lost its leases.');
    gate.open();
    await healthy.engine.stop();
    await frozen.wake(COUNTER, 'again');
    await journal.until((entries) => entries.includes('frozen begins again'));
  });

  /** A database with counters at 0 that are woken; nodes that count; what they have counted. */
  async function counting(goal: number) {
    const database = await makeDatabase(...counterSchema);
    await database.transaction(async (tx) => {
      const counters = KEYS.map((key) => ({ key, value: 0, goal }));
      await tx.withTables<CounterTables>().insertInto('test_counter').values(counters).execute();
      await addWakes(tx, COUNTER, KEYS, { dueAt: AT_ONCE, now: 0 });
    });
    // On SQLite the nodes own the file, one after the other.
    if (dialect === 'sqlite') await database.close();
    return {
      database,
      node: (name: string) => startNode(place(), name),
      async read() {
        const reading = dialect === 'sqlite' ? readSqlite(place()) : database;
        const db = reading.db.withTables<CounterTables>();
        const totals = await db.selectFrom('test_counter').select('value').execute();
        const steps = await db.selectFrom('test_step').selectAll().orderBy('value').execute();
        if (reading !== database) await reading.close();
        return { totals: totals.map((row) => row.value), steps };
      },
    };
  }
});

function untilTold(node: string, journal: Journal, gate: Gate) {
  return defineReconciler<undefined>({
    name: COUNTER,
    async reconcile(_, key, signal) {
      journal.add(`${node} begins ${key}`);
      const told = new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          journal.add(`${node} is told: ${(signal.reason as Error).message}`);
          resolve();
        });
      });
      await Promise.race([told, gate.opened]);
      return undefined;
    },
  });
}

async function startNode(options: DatabaseOptions, name: string): Promise<ChildProcess> {
  const script = join(import.meta.dirname, 'fixture-node.ts');
  const arguments_ = [
    '--disable-warning=ExperimentalWarning',
    script,
    JSON.stringify(options),
    name,
  ];
  const node = spawn(process.execPath, arguments_, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => kill(node));
  const exited = once(node, 'exit').then(() => Promise.reject(new Error(`${name} did not start.`)));
  await Promise.race([once(node.stdout, 'data'), exited]);
  exited.catch(() => {});
  return node;
}

async function kill(node: ChildProcess): Promise<void> {
  if (node.exitCode !== null || node.signalCode !== null) return;
  const exited = once(node, 'exit');
  node.kill('SIGKILL');
  await exited;
}

/** Reads a file that another process owns. */
function readSqlite(options: DatabaseOptions) {
  if (options.dialect !== 'sqlite') throw new Error('This is a file.');
  return openReader(options.file);
}
