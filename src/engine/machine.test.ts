import { expect, it } from 'vitest';
import type { Database, Migration } from '../db/database.ts';
import { eachDialect } from '../db/testing.ts';
import type { Clock } from '../lib/clock.ts';
import { defineReconciler, type Engine } from './engine.ts';
import { type Draft, defineMachine, type Step } from './machine.ts';
import { engineSchema, Journal, testEngine } from './testing.ts';

// A light that somebody outside has to switch: asked for, done, and too late after a minute.

type Light = { key: string; state: string; until: number };
type Ctx = { clock: Clock; engine: Engine } & Database;

const lights: Migration = {
  name: '0001-lights',
  async up(tx) {
    await tx.schema
      .createTable('test_light')
      .addColumn('key', 'text', (c) => c.primaryKey())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('until', 'bigint', (c) => c.notNull())
      .execute();
  },
};
const schema = [engineSchema, { service: 'test', migrations: [lights] }];
const on = (db: Database['db']) => db.withTables<{ test_light: Light }>();

class LightDraft implements Draft<Light[]> {
  readonly light: Light;
  readonly now: number;
  asked = false;
  changed = false;

  constructor(light: Light, now: number) {
    this.light = structuredClone(light);
    this.now = now;
  }

  set(state: string): void {
    this.light.state = state;
    this.changed = true;
  }

  finish(): Step<Light[]> {
    const { key, state, until } = this.light;
    return {
      writes: this.changed ? [this.light] : [],
      work: this.asked ? [{ reconciler: 'test/switch', key }] : [],
      rings: this.changed ? [`test/light/${key}`] : [],
      wakeAt: state === 'asked' ? until : undefined,
    };
  }
}

const machine = defineMachine({
  name: 'test/light',
  async load(_, tx, key) {
    const snapshot = await on(tx)
      .selectFrom('test_light')
      .selectAll()
      .where('key', '=', key)
      .executeTakeFirst();
    return snapshot && { snapshot };
  },
  draft: (light: Light, now) => new LightDraft(light, now),
  decide(draft, now) {
    const { light } = draft;
    if (light.state === 'new') {
      light.until = now + 60_000;
      draft.asked = true;
      draft.set('asked');
    } else if (light.state === 'asked' && now >= light.until) draft.set('late');
  },
  async write(_: Ctx, tx, { snapshot }, { writes }) {
    for (const { state, until } of writes) {
      const update = on(tx).updateTable('test_light').set({ state, until });
      await update.where('key', '=', snapshot.key).execute();
    }
  },
  sweep: async () => [],
});

eachDialect('a machine', (makeDatabase) => {
  async function world(switches: boolean) {
    const database = await makeDatabase(...schema);
    const asked = new Journal();
    const ctx = () => ({ ...database, clock, engine }) as Ctx;
    const light = { ...machine.reconciler, reconcile: reconcileIn(ctx) };
    const switcher = defineReconciler<undefined>({
      name: 'test/switch',
      async reconcile(_, key) {
        asked.add(key);
        if (!switches) return undefined;
        const lit = (draft: LightDraft) => draft.set('lit');
        await database.transaction((tx) => machine.change(ctx(), tx, key, lit));
        return undefined;
      },
    });
    const { engine, clock } = await testEngine(database, [
      { ...light, sweep: undefined },
      switcher,
    ]);
    await engine.start();
    await database.transaction(async (tx) => {
      await on(tx).insertInto('test_light').values({ key: 'a', state: 'new', until: 0 }).execute();
      await engine.wake(tx, 'test/light', 'a');
    });
    const until = (state: string) =>
      engine.heard('test/light/a', async () => (await stateOf(database)) === state || undefined, {
        until: new Date(clock.now().getTime() + 3_600_000),
      });
    return { database, ctx, clock, asked, until };
  }

  it('asks by a wake-up, takes the answer in, and rings', async () => {
    const { asked, until } = await world(true);
    expect(await until('lit')).toBe(true);
    expect(asked.entries).toEqual(['a']);
  });

  it('looks again when it said', async () => {
    const { clock, asked, until } = await world(false);
    await asked.has(1);
    clock.advance(60_000);
    expect(await until('late')).toBe(true);
    expect(asked.entries).toEqual(['a']);
  });

  it('changes nothing for a command that throws, nor for a key that stands for nothing', async () => {
    const { database, ctx, until } = await world(false);
    await until('asked');
    const change = (key: string, command: (draft: LightDraft) => void) =>
      database.transaction((tx) => machine.change(ctx(), tx, key, command));
    const refused = change('a', (draft) => {
      draft.set('broken');
      throw new Error('no');
    });
    await expect(refused).rejects.toThrow('no');
    expect(await stateOf(database)).toBe('asked');
    expect(await change('b', (draft) => draft.set('broken'))).toBeUndefined();
  });
});

/** The machine's reconciler in an engine whose context is nothing. */
function reconcileIn(ctx: () => Ctx) {
  return (_: undefined, key: string, signal: AbortSignal) =>
    machine.reconciler.reconcile(ctx(), key, signal);
}

async function stateOf({ db }: Pick<Database, 'db'>): Promise<string | undefined> {
  const row = await on(db)
    .selectFrom('test_light')
    .select('state')
    .where('key', '=', 'a')
    .executeTakeFirst();
  return row?.state;
}
