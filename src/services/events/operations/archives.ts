import { randomUUID } from 'node:crypto';
import { unsupported } from '../../../aws/errors.ts';
import type { Db } from '../../../db/database.ts';
import { need } from '../../../kit/resource.ts';
import { alreadyExists, busNotFound, invalid, invalidParameter } from '../errors.ts';
import { busArn } from '../model/names.ts';
import { archive, atArchive, onArchive } from '../resources/archive.ts';
import { bus, busOf } from '../resources/bus.ts';
import {
  type Archive,
  deleteArchive as deleteRows,
  findArchive,
  listArchives as listRows,
  saveArchive,
  sizeOfArchive,
} from '../store/archives.ts';
import { findBus } from '../store/buses.ts';
import { events } from './declare.ts';
import { paginate } from './pages.ts';
import { checkPattern } from './rules.ts';

interface ArchiveSettings {
  Description?: string | undefined;
  EventPattern?: string | undefined;
  RetentionDays?: number | undefined;
  KmsKeyIdentifier?: string | undefined;
}

function checked(input: ArchiveSettings) {
  const { Description, EventPattern, RetentionDays, KmsKeyIdentifier } = input;
  if (KmsKeyIdentifier) throw unsupported('customer managed keys of archives');
  if (EventPattern) checkPattern(EventPattern);
  return {
    ...(Description !== undefined && { description: Description }),
    ...(EventPattern && { pattern: EventPattern }),
    ...(RetentionDays !== undefined && { retentionDays: RetentionDays }),
  };
}

export const createArchive = events('createArchive', atArchive, async (ctx, input, located) => {
  const settings = checked(input);
  const { accountId, region } = ctx;
  const source = busOf(input.EventSourceArn);
  if (!source) throw invalidParameter('EventSourceArn');
  return ctx.transaction(async (tx) => {
    const own = source.accountId === accountId && source.region === region;
    if (!own || !(await findBus(tx, source, source.name))) throw busNotFound(source.name);
    const { name } = located;
    if (await findArchive(tx, ctx, name)) throw alreadyExists('Archive', name);
    const made: Archive = {
      ...{ accountId, region, name, id: randomUUID(), bus: source.name, arn: located.arn },
      ...{ ...settings, createdAt: ctx.clock.now() },
    };
    await saveArchive(tx, made);
    return answer(made);
  });
});

const answer = ({ arn, createdAt }: Archive) => ({
  ...{ ArchiveArn: arn, State: 'ENABLED' as const, CreationTime: createdAt },
});

export const updateArchive = events('updateArchive', atArchive, async (ctx, input, located) => {
  const settings = checked(input);
  if (Object.keys(settings).length === 0)
    throw invalid('At least one of EventPattern, RetentionDays or Description must be provided.');
  return ctx.transaction(async (tx) => {
    const found = await need(tx, archive, located);
    await saveArchive(tx, { ...found, ...settings });
    return answer(found);
  });
});

export const deleteArchive = events('deleteArchive', atArchive, async (ctx, _input, located) => {
  await ctx.transaction(async (tx) => deleteRows(tx, await need(tx, archive, located)));
  return {};
});

export const describeArchive = events('describeArchive', onArchive, async (ctx, _input, found) => ({
  ...(await shown(ctx.db, found)),
  ArchiveArn: found.arn,
  Description: found.description,
  EventPattern: found.pattern,
}));

async function shown(db: Db, found: Archive) {
  const { count, bytes } = await sizeOfArchive(db, found.id);
  return {
    ...{ ArchiveName: found.name, EventSourceArn: busArn(found, found.bus) },
    ...{ State: 'ENABLED' as const, RetentionDays: found.retentionDays ?? 0 },
    ...{ SizeBytes: bytes, EventCount: count, CreationTime: found.createdAt },
  };
}

export const listArchives = events('listArchives', {}, async (ctx, input) => {
  const { NamePrefix, EventSourceArn, State } = input;
  if ([NamePrefix, EventSourceArn, State].filter((filter) => filter !== undefined).length > 1)
    throw invalid(
      'At most one filter is allowed for ListArchives. Use either : State, EventSourceArn, or NamePrefix.',
    );
  const source = busOf(EventSourceArn);
  if (source && !(await bus.find(ctx.db, source))) throw busNotFound(source.name);
  const all = (await listRows(ctx.db, ctx)).filter(
    (each) =>
      each.name.startsWith(NamePrefix ?? '') &&
      (EventSourceArn ?? busArn(each, each.bus)) === busArn(each, each.bus) &&
      (State ?? 'ENABLED') === 'ENABLED',
  );
  const { items, next } = paginate(ctx, input, all, ({ name }) => name);
  return { Archives: await Promise.all(items.map((each) => shown(ctx.db, each))), ...next };
});
