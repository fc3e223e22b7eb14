import { randomUUID } from 'node:crypto';
import type { Fleet } from '@aws-sdk/client-codebuild';
import { formatArn } from '../../../aws/arn.ts';
import type { Db, Tx } from '../../../db/database.ts';
import { page } from '../../../kit/pages.ts';
import { at, need, on, onEach } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { fleetExists, invalidInput, tooManyFleets, tooManyMachines } from '../errors.ts';
import { MOST_FLEET_MACHINES, MOST_FLEETS } from '../limits.ts';
import { reserved, shownFleet } from '../model/fleet-room.ts';
import { checkFleet, mergedFleet } from '../model/fleet-rules.ts';
import { fleetByArn, fleet as fleetKind, newFleet } from '../resources/fleet.ts';
import { leaveFleet, loadOf, wakeQueued } from '../run/queue.ts';
import { checkRoleFor } from '../run/service-role.ts';
import * as store from '../store/fleets.ts';
import { asked, ruled } from './arguments.ts';
import { codebuild } from './declare.ts';

const SORT_COLUMNS = {
  NAME: 'name',
  CREATED_TIME: 'created_at',
  LAST_MODIFIED_TIME: 'modified_at',
} as const;

/** A fleet is there at once: its machines are places in what runs here at a time (model/fleet-room.ts). */
export const createFleet = codebuild(
  'createFleet',
  at(newFleet, ({ name }) => name),
  async (ctx, input) => {
    const { accountId, region, partition } = ctx;
    const { name = '' } = input;
    const [id, now] = [randomUUID(), ctx.clock.now()];
    const resource = `fleet/${name}:${id}`;
    const arn = formatArn({ partition, service: 'codebuild', region, accountId, resource });
    const made: Fleet = {
      ...mergedFleet({ overflowBehavior: 'QUEUE', tags: [] }, { arn, ...input }),
      ...{ arn, name, id, created: now, lastModified: now },
    };
    await check(ctx, made, made.fleetServiceRole);
    return ctx.transaction(async (tx) => {
      if (!(await store.insertFleet(tx, ctx, made))) throw fleetExists(name);
      if ((await store.countFleets(tx, ctx)) > MOST_FLEETS) throw tooManyFleets(MOST_FLEETS);
      await checkMachines(ctx, tx);
      return { fleet: await shownOne(ctx, tx, { fleet: made, deleting: false }) };
    });
  },
);

/** What is absent stays. Builds that run go on as they are; those that wait look again. */
export const updateFleet = codebuild(
  'updateFleet',
  on(fleetByArn, ({ arn }) => arn),
  async (ctx, input, found) => {
    const lastModified = ctx.clock.now();
    const changed = (before: Fleet) => ({ ...mergedFleet(before, input), lastModified });
    await check(ctx, changed(found.fleet), input.fleetServiceRole);
    return ctx.transaction(async (tx) => {
      const located = fleetByArn.locate(ctx, input.arn);
      const { fleet, deleting } = await need(tx, fleetByArn, located);
      if (deleting) throw invalidInput(`The fleet ${input.arn} is being deleted`);
      const updated = changed(fleet);
      // Somebody may have changed the rest meanwhile.
      checkRules(ctx, updated);
      await store.updateFleet(tx, updated);
      if ((updated.baseCapacity ?? 1) > (fleet.baseCapacity ?? 1)) await checkMachines(ctx, tx);
      await wakeQueued(ctx, tx);
      return { fleet: await shownOne(ctx, tx, { fleet: updated, deleting }) };
    });
  },
);

/** A fleet with builds takes no more, and goes with the last. Deleting what is not there succeeds. */
export const deleteFleet = codebuild(
  'deleteFleet',
  at(fleetByArn, ({ arn }) => arn),
  async (ctx, { arn = '' }, located) => {
    if (located.name === '') throw invalidInput(`Invalid fleet ARN: ${arn}`);
    await ctx.transaction(async (tx) => {
      const found = await fleetByArn.find(tx, located);
      if (!found) return;
      // Not as it was typed: that may name another partition.
      const { arn: own = '' } = found.fleet;
      await store.setDeleting(tx, own);
      await leaveFleet(tx, own);
      await wakeQueued(ctx, tx);
    });
    return {};
  },
);

export const batchGetFleets = codebuild(
  'batchGetFleets',
  onEach(fleetKind, ({ names = [] }) => [...new Set(names)]),
  async (ctx, { names = [] }, found) => {
    const unique = [...new Set(names)];
    return {
      fleets: await shown(
        ctx,
        ctx.db,
        found.flatMap(({ thing }) => thing ?? []),
      ),
      fleetsNotFound: unique.filter((_, index) => !found[index]?.thing),
    };
  },
);

/** Whatever the list is in order of: the next page may be asked for in another order. */
type FleetKey = readonly [name: string, createdAt: number, modifiedAt: number];

export const listFleets = codebuild('listFleets', {}, async (ctx, input) => {
  const by = SORT_COLUMNS[input.sortBy ?? 'NAME'];
  const order = input.sortOrder === 'DESCENDING' ? 'desc' : 'asc';
  const { items, nextToken } = await page(
    ctx,
    asked(input),
    (after: FleetKey | undefined, limit) => {
      const [name = '', created_at = 0, modified_at = 0] = after ?? [];
      const behind = after && { name, created_at, modified_at };
      return store.listFleets(ctx.db, ctx, { by, order }, behind, limit);
    },
    ({ name, created_at, modified_at }): FleetKey => [name, created_at, modified_at],
  );
  return { fleets: items.map(({ arn }) => arn), ...(nextToken && { nextToken }) };
});

type Stored = Pick<store.StoredFleet, 'fleet' | 'deleting'>;

async function shown(
  ctx: ServiceContext,
  db: Db | Tx,
  fleets: readonly Stored[],
): Promise<Fleet[]> {
  const { machine, uses } = await loadOf(ctx, db);
  const kept = reserved(uses, machine);
  const used = new Map(uses.map((use) => [use.fleet.arn, use]));
  return fleets.map(({ fleet, deleting }) => {
    const { running = 0, queued = 0 } = used.get(fleet.arn) ?? {};
    const its = { kept: kept.get(fleet.arn ?? '') ?? 0, machine, deleting };
    return shownFleet({ fleet, running, queued }, its);
  });
}

async function shownOne(ctx: ServiceContext, tx: Tx, stored: Stored): Promise<Fleet> {
  const [only = {}] = await shown(ctx, tx, [stored]);
  return only;
}

/** @param roleArn the role that the call hands over, if any */
async function check(ctx: ServiceContext, fleet: Fleet, roleArn: string | undefined) {
  checkRules(ctx, fleet);
  if (roleArn === undefined) return;
  await checkRoleFor(ctx, { roleArn, sourceArn: fleet.arn ?? '', passed: true });
}

function checkRules({ accountId }: ServiceContext, fleet: Fleet) {
  ruled(() => checkFleet(fleet, accountId));
}

/** What is kept for an account, in all regions, others do not have. @throws AccountLimitExceededException */
async function checkMachines(ctx: ServiceContext, tx: Tx): Promise<void> {
  if ((await store.countMachines(tx, ctx)) > MOST_FLEET_MACHINES)
    throw tooManyMachines(MOST_FLEET_MACHINES);
}
