import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { OpenDatabase } from '../db/database.ts';
import { eachDialect } from '../db/testing.ts';
import { ManualClock } from '../lib/clock.ts';
import type { Engine } from './engine.ts';
import type { AwsEvent, NewEvent, PublishOptions, Subscription } from './events.ts';
import { makeEvents } from './make-events.ts';
import { engineSchema, Journal, testEngine } from './testing.ts';

const pushed: NewEvent = {
  'detail-type': 'CodeCommit Repository State Change',
  source: 'aws.codecommit',
  account: '000000000000',
  region: 'us-east-1',
  resources: ['arn:aws:codecommit:us-east-1:000000000000:app'],
  detail: { event: 'referenceUpdated', referenceName: 'main' },
};

eachDialect('events', (makeDatabase) => {
  it('reach those who match, once each, and not the others', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    const { publish } = await start(database, [
      subscription('x/one', journal),
      subscription('x/two', journal),
      { ...subscription('x/deaf', journal), pattern: { source: ['nobody'] } },
    ]);
    await publish(pushed);
    await journal.has(2);
    await rows(database, 'engine_delivery', 0);
    expect([...journal.entries].sort()).toEqual(['x/one main', 'x/two main']);
  });

  it('cost nothing where nobody wants them, and whether one does is asked in the transaction', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    const wants =
      (name: string): Subscription<undefined>['wants'] =>
      async (tx, { detail }) =>
        tx.isTransaction && detail.referenceName === name;
    const { publish } = await start(database, [
      { ...subscription('x/main', journal), wants: wants('main') },
      { ...subscription('x/other', journal), wants: wants('other') },
    ]);
    await publish({ ...pushed, detail: { referenceName: 'none' } });
    await rows(database, 'engine_event', 0);
    await publish(pushed);
    await journal.has(1);
    await rows(database, 'engine_delivery', 0);
    await rows(database, 'engine_event', 1);
    expect(journal.entries).toEqual(['x/main main']);
  });

  it('have the shape that EventBridge gives them', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    const got: AwsEvent[] = [];
    const listener = subscription('x/one', journal, async (event) => void got.push(event));
    const { publish } = await start(database, [listener]);
    await publish(pushed);
    await journal.has(1);
    expect(got).toEqual([
      {
        version: '0',
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        time: '2026-01-01T00:00:00Z',
        ...pushed,
      },
    ]);
  });

  it('are not told of when the transaction fails', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    const { events, publish } = await start(database, [subscription('x/one', journal)]);
    const failed = database.transaction(async (tx) => {
      await events.publish(tx, { ...pushed, detail: { referenceName: 'lost' } });
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    await publish(pushed);
    await journal.has(1);
    expect(journal.entries).toEqual(['x/one main']);
  });

  it('are tried again for the one who failed, not for the others', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    let fails = 1;
    const { publish, clock } = await start(database, [
      subscription('x/fine', journal),
      subscription('x/sick', journal, async () => {
        if (fails-- > 0) throw new Error('not now');
      }),
    ]);
    await publish(pushed);
    await journal.has(2);
    await rows(database, 'engine_delivery', 1);
    await rows(database, 'engine_lease', 0);
    clock.advance(1_000);
    await journal.has(3);
    await rows(database, 'engine_delivery', 0);
    expect([...journal.entries].sort()).toEqual(['x/fine main', 'x/sick main', 'x/sick main']);
  });

  it('that are for watchers alone reach nobody else', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    const watcher = { ...subscription('x/watcher', journal), watches: true as const };
    const { publish } = await start(database, [watcher, subscription('x/other', journal)]);
    await publish(pushed, { toWatchersOnly: true });
    await publish({ ...pushed, detail: { referenceName: 'told' } });
    await journal.has(3);
    await rows(database, 'engine_delivery', 0);
    expect([...journal.entries].sort()).toEqual([
      'x/other told',
      'x/watcher main',
      'x/watcher told',
    ]);
  });

  it('come in the order of their resource to who wants that, also where one fails at first', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    let fails = 1;
    const got: string[] = [];
    const { events, clock } = await start(database, [
      {
        ...subscription('x/one', journal, async ({ resources: [resource], detail }) => {
          if (resource === 'a' && fails-- > 0) throw new Error('not now');
          got.push(`${resource} ${detail.referenceName}`);
        }),
        inOrder: true,
      },
    ]);
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    await database.transaction(async (tx) => {
      for (const referenceName of numbers)
        for (const resource of ['a', 'b'])
          await events.publish(tx, { ...pushed, resources: [resource], detail: { referenceName } });
    });
    await rows(database, 'engine_delivery', 20);
    clock.advance(1_000);
    await rows(database, 'engine_delivery', 0);
    for (const resource of ['a', 'b'])
      expect(got.filter((one) => one.startsWith(resource))).toEqual(
        numbers.map((n) => `${resource} ${n}`),
      );
  });

  it('are kept for a day', async () => {
    const database = await makeDatabase(engineSchema);
    const journal = new Journal();
    const { publish, clock } = await start(database, [subscription('x/one', journal)]);
    await publish(pushed);
    await journal.has(1);
    await rows(database, 'engine_lease', 0);
    clock.advance(23 * 3_600_000);
    await publish(pushed);
    await journal.has(2);
    await rows(database, 'engine_lease', 0);
    await rows(database, 'engine_event', 2);
    clock.advance(2 * 3_600_000);
    await rows(database, 'engine_event', 1);
  });
});

async function start(database: OpenDatabase, subscriptions: Subscription<undefined>[]) {
  const clock = new ManualClock();
  const wake: Engine['wake'] = (...args) => engine.wake(...args);
  const events = makeEvents({
    database,
    clock,
    log: pino({ level: 'silent' }),
    subscriptions,
    wake,
  });
  const { engine } = await testEngine(database, events.reconcilers, { clock });
  await engine.start();
  const publish = (event: NewEvent, options?: PublishOptions) =>
    database.transaction((tx) => events.publish(tx, event, options));
  return { events, publish, clock };
}

function subscription(
  name: string,
  journal: Journal,
  deliver: (event: AwsEvent) => Promise<void> = async () => {},
): Subscription<undefined> {
  return {
    name,
    pattern: { source: ['aws.codecommit'] },
    async deliver(_, event) {
      journal.add(`${name} ${event.detail.referenceName}`);
      await deliver(event);
    },
  };
}

/** Waits until the table has so many rows. */
async function rows(database: OpenDatabase, table: string, count: number): Promise<void> {
  const db = database.db.withTables<Record<string, { name: string }>>();
  await expect
    .poll(async () => (await db.selectFrom(table).selectAll().execute()).length)
    .toBe(count);
}
