import type { Diagnostics } from '@aws-sdk/client-codedeploy';
import type { Tx } from '../../../db/database.ts';
import { defineDocument } from '../../../db/document.ts';
import type {
  EventSnapshot,
  EventStatus,
  TargetSnapshot,
  TargetState,
} from '../model/deployment-state.ts';
import { at, type CodeDeployTables, type Place, tables } from './tables.ts';

type EventRow = CodeDeployTables['codedeploy_lifecycle_event'];

interface EventBody {
  diagnostics?: Diagnostics;
  agentSilent?: boolean;
}

/** What decisions are made from: a release that needs another form brings the upgrade from the form before. */
const EVENT = defineDocument<EventBody>();

/** Where a lifecycle event is stored; also what a host command's identifier stands for. */
export interface EventKey {
  deploymentId: string;
  instance: string;
  position: number;
}

export type StoredTarget = TargetSnapshot & { updatedAt: number };

export async function insertTargets(
  tx: Tx,
  place: Place,
  deploymentId: string,
  targets: TargetSnapshot[],
  now: number,
): Promise<void> {
  for (const target of targets) {
    await tables(tx)
      .insertInto('codedeploy_target')
      .values({
        ...at(place),
        deployment_id: deploymentId,
        instance: target.name,
        status: target.status,
        health: target.health,
        revision: target.revision,
        label: target.label ?? null,
        zone: target.zone ?? null,
        updated_at: now,
      })
      .execute();
    await tables(tx)
      .insertInto('codedeploy_lifecycle_event')
      .values(
        target.events.map((event, position) => ({
          ...at(place),
          deployment_id: deploymentId,
          instance: target.name,
          position,
          name: event.name,
          status: event.status,
          offered_at: event.offeredAt ?? null,
          served_at: null,
          started_at: null,
          ended_at: null,
          body: '{}',
        })),
      )
      .execute();
  }
}

/** The targets of a deployment with their events; `instances` narrows them. In the order of their names. */
export async function loadTargets(
  tx: Tx,
  deploymentId: string,
  instances?: string[],
): Promise<StoredTarget[]> {
  let targets = tables(tx)
    .selectFrom('codedeploy_target')
    .selectAll()
    .where('deployment_id', '=', deploymentId);
  let events = tables(tx)
    .selectFrom('codedeploy_lifecycle_event')
    .selectAll()
    .where('deployment_id', '=', deploymentId);
  if (instances) {
    targets = targets.where('instance', 'in', instances);
    events = events.where('instance', 'in', instances);
  }
  const byInstance = new Map<string, EventSnapshot[]>();
  for (const row of await events.orderBy('instance').orderBy('position').execute()) {
    const list = byInstance.get(row.instance) ?? [];
    list.push(eventOf(row));
    byInstance.set(row.instance, list);
  }
  return (await targets.orderBy('instance').execute()).map((row) => ({
    name: row.instance,
    status: row.status as TargetState,
    health: row.health as TargetSnapshot['health'],
    revision: row.revision as TargetSnapshot['revision'],
    ...(row.label !== null && { label: row.label as TargetSnapshot['label'] }),
    ...(row.zone !== null && { zone: row.zone }),
    updatedAt: row.updated_at,
    events: byInstance.get(row.instance) ?? [],
  }));
}

/** Deployments that have not come to an end with this instance. */
export async function deploymentsTo(tx: Tx, place: Place, instance: string): Promise<string[]> {
  const rows = await tables(tx)
    .selectFrom('codedeploy_target')
    .select('deployment_id')
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .where('instance', '=', instance)
    .where('status', 'in', ['Pending', 'InProgress', 'Ready'])
    .execute();
  return rows.map((row) => row.deployment_id);
}

/** How many targets are in each status. */
export async function countTargets(tx: Tx, deploymentId: string): Promise<Map<string, number>> {
  const rows = await tables(tx)
    .selectFrom('codedeploy_target')
    .select((e) => ['status', e.fn.countAll().as('hosts')])
    .where('deployment_id', '=', deploymentId)
    .groupBy('status')
    .execute();
  return new Map(rows.map((row) => [row.status, Number(row.hosts)]));
}

function eventOf(row: EventRow): EventSnapshot {
  return {
    name: row.name,
    status: row.status as EventStatus,
    ...(row.offered_at !== null && { offeredAt: row.offered_at }),
    ...(row.started_at !== null && { startedAt: row.started_at }),
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
    ...EVENT.decode(row.body),
  };
}

export async function setTargetStatus(
  tx: Tx,
  deploymentId: string,
  instance: string,
  status: TargetState,
  now: number,
): Promise<void> {
  await tables(tx)
    .updateTable('codedeploy_target')
    .set({ status, updated_at: now })
    .where('deployment_id', '=', deploymentId)
    .where('instance', '=', instance)
    .execute();
}

/** Changes what `set` names of an event, and notes the time on its target. */
export async function setEvent(
  tx: Tx,
  key: EventKey,
  set: Partial<EventSnapshot>,
  now: number,
): Promise<void> {
  const { diagnostics, agentSilent } = set;
  await tables(tx)
    .updateTable('codedeploy_lifecycle_event')
    .set({
      ...(set.status && { status: set.status }),
      ...(set.offeredAt !== undefined && { offered_at: set.offeredAt }),
      ...(set.startedAt !== undefined && { started_at: set.startedAt }),
      ...(set.endedAt !== undefined && { ended_at: set.endedAt }),
      ...((diagnostics || agentSilent) && { body: EVENT.encode({ diagnostics, agentSilent }) }),
    })
    .where('deployment_id', '=', key.deploymentId)
    .where('instance', '=', key.instance)
    .where('position', '=', key.position)
    .execute();
  await tables(tx)
    .updateTable('codedeploy_target')
    .set({ updated_at: now })
    .where('deployment_id', '=', key.deploymentId)
    .where('instance', '=', key.instance)
    .execute();
}

export interface Command extends EventKey {
  event: EventSnapshot;
}

export async function findCommand(
  tx: Tx,
  place: Place,
  key: EventKey,
): Promise<Command | undefined> {
  const row = await tables(tx)
    .selectFrom('codedeploy_lifecycle_event')
    .selectAll()
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .where('deployment_id', '=', key.deploymentId)
    .where('instance', '=', key.instance)
    .where('position', '=', key.position)
    .executeTakeFirst();
  return row && { ...key, event: eventOf(row) };
}

/**
 * The command that a host may take now: offered, not acknowledged, and not handed out since `servedBefore`.
 * A deployment offers a host one command at a time.
 */
export async function nextCommand(
  tx: Tx,
  place: Place,
  instance: string,
  servedBefore: number,
): Promise<Command | undefined> {
  const row = await tables(tx)
    .selectFrom('codedeploy_lifecycle_event')
    .selectAll()
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .where('instance', '=', instance)
    .where('status', '=', 'Pending')
    .where('offered_at', 'is not', null)
    .where((e) => e.or([e('served_at', 'is', null), e('served_at', '<=', servedBefore)]))
    .orderBy('offered_at')
    .executeTakeFirst();
  if (!row) return undefined;
  const { deployment_id: deploymentId, position } = row;
  return { deploymentId, instance, position, event: eventOf(row) };
}

export async function markServed(tx: Tx, key: EventKey, now: number): Promise<void> {
  await tables(tx)
    .updateTable('codedeploy_lifecycle_event')
    .set({ served_at: now })
    .where('deployment_id', '=', key.deploymentId)
    .where('instance', '=', key.instance)
    .where('position', '=', key.position)
    .execute();
}
