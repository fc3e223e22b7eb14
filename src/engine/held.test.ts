import pg from 'pg';
import { expect, it } from 'vitest';
import { eachDialect } from '../db/testing.ts';
import type { ManualClock } from '../lib/clock.ts';
import { defineReconciler } from './engine.ts';
import { engineSchema, Gate, Journal, testEngine } from './testing.ts';

const TOPIC = 'test/bell/a';
const NAME = 'test/thing';

/** Sees the gate's opening, and tells of each look. */
function looker() {
  const looks = new Journal();
  let seen: string | undefined;
  return {
    looks,
    show: (what: string) => {
      seen = what;
    },
    look: async () => {
      looks.add('look');
      return seen;
    },
  };
}

eachDialect('held requests', (makeDatabase, dialect, reopen) => {
  const inAnHour = (clock: ManualClock) => ({ until: new Date(clock.now().getTime() + 3_600_000) });

  it('are answered after the commit of a transaction that rings for them, not by one that fails', async () => {
    const database = await makeDatabase(engineSchema);
    const { engine, clock } = await testEngine(database, []);
    await engine.start();
    const { looks, show, look } = looker();
    const answer = engine.heard(TOPIC, look, inAnHour(clock));
    await looks.has(1);
    const failed = database.transaction(async (tx) => {
      await engine.ring(tx, TOPIC);
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    await database.transaction((tx) => engine.ring(tx, 'test/bell/another'));
    show('it');
    expect(looks.entries).toHaveLength(1);
    await database.transaction((tx) => engine.ring(tx, TOPIC));
    expect(await answer).toBe('it');
  });

  it('do not miss what happens while they look', async () => {
    const database = await makeDatabase(engineSchema);
    const { engine, clock } = await testEngine(database, []);
    await engine.start();
    const gate = new Gate();
    const looks = new Journal();
    const answer = engine.heard(
      TOPIC,
      async () => {
        looks.add('look');
        if (looks.entries.length > 1) return 'seen';
        await gate.opened;
        return undefined;
      },
      inAnHour(clock),
    );
    await looks.has(1);
    await database.transaction((tx) => engine.ring(tx, TOPIC));
    gate.open();
    expect(await answer).toBe('seen');
  });

  it('end with nothing at their time, when nobody waits any more, and when the server stops', async () => {
    const database = await makeDatabase(engineSchema);
    const { engine, clock } = await testEngine(database, []);
    await engine.start();
    const { looks, look } = looker();
    const timed = engine.heard(TOPIC, look, { until: new Date(clock.now().getTime() + 2_000) });
    await looks.has(1);
    clock.advance(2_000);
    expect(await timed).toBeUndefined();
    const { signal, abort } = abortable();
    const left = engine.heard(TOPIC, look, { ...inAnHour(clock), signal });
    abort();
    expect(await left).toBeUndefined();
    const stopped = engine.heard(TOPIC, look, inAnHour(clock));
    await engine.stop();
    expect(await stopped).toBeUndefined();
  });

  it('fail with what their look fails with', async () => {
    const database = await makeDatabase(engineSchema);
    const { engine, clock } = await testEngine(database, []);
    const look = () => Promise.reject(new Error('gone'));
    await expect(engine.heard(TOPIC, look, inAnHour(clock))).rejects.toThrow('gone');
  });

  if (dialect === 'sqlite') return;

  it('are answered by another node', async () => {
    const database = await makeDatabase(engineSchema);
    const { engine, clock } = await testEngine(database, []);
    await engine.start();
    const other = await reopen();
    const { engine: elsewhere } = await testEngine(other, []);
    const { looks, show, look } = looker();
    const answer = engine.heard(TOPIC, look, inAnHour(clock));
    await looks.has(1);
    show('from elsewhere');
    await other.transaction((tx) => elsewhere.ring(tx, TOPIC));
    expect(await answer).toBe('from elsewhere');
  });

  it('and wake-ups are heard again after every connection broke', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    const thing = defineReconciler<undefined>({
      name: NAME,
      reconcile: async (_, key) => {
        journal.add(key);
        return undefined;
      },
    });
    const { engine, clock, wake } = await testEngine(database, [thing]);
    await engine.start();
    const { looks, show, look } = looker();
    const answer = engine.heard(TOPIC, look, inAnHour(clock));
    await looks.has(1);
    await breakConnections(database.pool?.options as pg.PoolConfig);
    show('after all');
    // Rung while nobody listened: that a connection listens again counts as a ring.
    while (journal.entries.length === 0) {
      await wake(NAME, 'a').catch(() => {});
      clock.advance(1_000);
    }
    expect(await answer).toBe('after all');
    expect(looks.entries.length).toBeGreaterThan(1);
  });
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

async function breakConnections({ connectionString }: pg.PoolConfig): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  await client.end();
}
