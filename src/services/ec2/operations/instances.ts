import type * as sdk from '@aws-sdk/client-ec2';
import type { Db, Tx } from '../../../db/database.ts';
import type { TaggedInstance } from '../model/instance.ts';
import { listInstances } from '../store/instances.ts';
import { listGroups } from '../store/security-groups.ts';
import type { Owner } from '../store/tables.ts';
import { tagsById } from '../store/tags.ts';
import { ec2 } from './declare.ts';
import { type GroupNames, instanceFacts, instanceShape, stateShape } from './instance-shape.ts';
import { described } from './lists.ts';

export async function groupNames(db: Db | Tx, owner: Owner): Promise<GroupNames> {
  return new Map((await listGroups(db, owner)).map(({ id, name }) => [id, name]));
}

export async function taggedInstances(db: Db | Tx, owner: Owner): Promise<TaggedInstance[]> {
  const tags = await tagsById(db, owner);
  const all = await listInstances(db, owner);
  return all.map((instance) => ({ ...instance, tags: tags.get(instance.id) ?? new Map() }));
}

const listed = (names: GroupNames) => ({
  prefix: 'i',
  idOf: ({ id }: TaggedInstance) => id,
  factsOf: (instance: TaggedInstance) => instanceFacts(instance, names),
  tagsOf: ({ tags }: TaggedInstance) => tags,
});

/** By reservation, as the API has them. */
export function reservations(
  instances: readonly TaggedInstance[],
  names: GroupNames,
): sdk.Reservation[] {
  const grouped = Map.groupBy(instances, ({ body }) => body.reservationId);
  return [...grouped].map(([ReservationId, its]) => ({
    ...{ ReservationId, OwnerId: its[0]?.accountId, Groups: [] },
    Instances: [...its]
      .sort((a, b) => a.body.launchIndex - b.body.launchIndex)
      .map((instance) => instanceShape(instance, names)),
  }));
}

export const describeInstances = ec2('describeInstances', {}, async (ctx, input) => {
  const { InstanceIds: ids, ...asked } = input;
  const names = await groupNames(ctx.db, ctx);
  const all = await taggedInstances(ctx.db, ctx);
  const { items, ...more } = described(ctx, listed(names), all, { ...asked, ids });
  return { Reservations: reservations(items, names), ...more };
});

export const describeInstanceStatus = ec2('describeInstanceStatus', {}, async (ctx, input) => {
  const { InstanceIds: ids, IncludeAllInstances = false, Filters = [], ...asked } = input;
  const names = await groupNames(ctx.db, ctx);
  const all = await taggedInstances(ctx.db, ctx);
  const kind = {
    ...listed(names),
    factsOf: (instance: TaggedInstance) => statusFacts(instance),
  };
  const shown = all.filter(
    ({ id, state }) => IncludeAllInstances || state === 'running' || ids?.includes(id),
  );
  const { items, ...more } = described(ctx, kind, shown, { ...asked, Filters, ids });
  const running = items.filter(({ state }) => IncludeAllInstances || state === 'running');
  return { InstanceStatuses: running.map(statusShape), ...more };
});

/** A container that runs is well for its system; itself it is well once its metadata can be had. */
function statusOf({ state, reachable }: TaggedInstance): { name: string; detail: string } {
  if (state !== 'running') return { name: 'not-applicable', detail: '' };
  return reachable
    ? { name: 'ok', detail: 'passed' }
    : { name: 'initializing', detail: 'initializing' };
}

function statusFacts(instance: TaggedInstance) {
  const { name, detail } = statusOf(instance);
  const system = instance.state === 'running' ? ['ok', 'passed'] : ['not-applicable', ''];
  return {
    'availability-zone': instance.body.zone,
    'instance-state-name': instance.state,
    'instance-state-code': String(stateShape(instance.state).Code),
    'instance-status.status': name,
    'instance-status.reachability': detail,
    'system-status.status': system[0],
    'system-status.reachability': system[1],
    'event.code': undefined,
  };
}

function statusShape(instance: TaggedInstance): sdk.InstanceStatus {
  const { name, detail } = statusOf(instance);
  const summary = (Status: string, reach: string): sdk.InstanceStatusSummary => ({
    Status: Status as sdk.SummaryStatus,
    ...(reach && { Details: [{ Name: 'reachability', Status: reach as sdk.StatusType }] }),
  });
  const isRunning = instance.state === 'running';
  return {
    InstanceId: instance.id,
    AvailabilityZone: instance.body.zone,
    InstanceState: stateShape(instance.state),
    InstanceStatus: summary(name, detail),
    SystemStatus: isRunning ? summary('ok', 'passed') : summary('not-applicable', ''),
  };
}
