import type { StartReplayCommandInput } from '@aws-sdk/client-eventbridge';
import { parseArn } from '../../../aws/arn.ts';
import { need } from '../../../kit/resource.ts';
import { REPLAY } from '../delivery/names.ts';
import {
  alreadyExists,
  busNotFound,
  illegalStatus,
  invalid,
  invalidParameter,
  limitExceeded,
} from '../errors.ts';
import { MAX_REPLAYS } from '../limits.ts';
import { busArn } from '../model/names.ts';
import { archive, atReplay, onReplay, replay } from '../resources/archive.ts';
import { bus, busOf } from '../resources/bus.ts';
import type { Archive } from '../store/archives.ts';
import { findReplay, listReplays as listRows, type Replay, saveReplay } from '../store/replays.ts';
import { events } from './declare.ts';
import { paginate } from './pages.ts';

const isRunning = ({ state }: Replay) => state === 'STARTING' || state === 'RUNNING';

export const startReplay = events('startReplay', atReplay, async (ctx, input, located) => {
  const arn = parseArn(input.EventSourceArn ?? '');
  const source = arn?.service === 'events' ? archive.parse(arn) : undefined;
  if (!source) throw invalidParameter('EventSourceArn');
  const { name } = located;
  const { accountId, region } = ctx;
  return ctx.transaction(async (tx) => {
    const own = source.accountId === accountId && source.region === region;
    const kept = own ? await archive.find(tx, source) : undefined;
    const to = busOf(input.Destination?.Arn);
    if (to && !(await bus.find(tx, to))) throw busNotFound(to.name);
    if (!kept)
      throw invalid(
        `Parameter EventSourceArn is not valid. Reason: Archive ${source.name} does not exist.`,
      );
    const period = checkedPeriod(input, kept);
    if (await findReplay(tx, ctx, name)) throw alreadyExists('Replay', name);
    if ((await listRows(tx, ctx)).filter(isRunning).length >= MAX_REPLAYS)
      throw limitExceeded('The requested resource exceeds the maximum number allowed.');
    const { Description: description, Destination } = input;
    const made: Replay = {
      ...{ accountId, region, name, arn: located.arn, state: 'STARTING' as const, ...period },
      ...{
        archiveId: kept.id,
        archiveArn: kept.arn,
        bus: kept.bus,
        busArn: busArn(kept, kept.bus),
      },
      ...(description !== undefined && { description }),
      ...(Destination?.FilterArns && { filterArns: Destination.FilterArns }),
      startedAt: ctx.clock.now(),
    };
    await saveReplay(tx, made);
    await ctx.engine.wake(tx, REPLAY, made.arn);
    return { ReplayArn: made.arn, State: made.state, ReplayStartTime: made.startedAt };
  });
});

function checkedPeriod(
  { Destination, EventStartTime: from, EventEndTime: to }: StartReplayCommandInput,
  kept: Archive,
): { from: Date; to: Date } {
  if (Destination?.Arn !== busArn(kept, kept.bus))
    throw invalid(
      'Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.',
    );
  if (!from || !to || from >= to)
    throw invalid(
      'Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.',
    );
  return { from, to };
}

export const cancelReplay = events('cancelReplay', atReplay, async (ctx, _input, located) =>
  ctx.transaction(async (tx) => {
    const found = await need(tx, replay, located);
    if (!isRunning(found))
      throw illegalStatus(`Replay ${found.name} is not in a valid state for this operation.`);
    await saveReplay(tx, { ...found, state: 'CANCELLING' });
    await ctx.engine.wake(tx, REPLAY, found.arn);
    return { ReplayArn: found.arn, State: 'CANCELLING' };
  }),
);

export const describeReplay = events('describeReplay', onReplay, async (_ctx, _input, found) => ({
  ...shown(found),
  ReplayArn: found.arn,
  Description: found.description,
  Destination: { Arn: found.busArn, FilterArns: found.filterArns },
}));

const shown = (found: Replay) => ({
  ...{ ReplayName: found.name, EventSourceArn: found.archiveArn, State: found.state },
  ...{ StateReason: found.reason, EventStartTime: found.from, EventEndTime: found.to },
  ...{ ReplayStartTime: found.startedAt, ReplayEndTime: found.endedAt },
  ...(found.after && { EventLastReplayedTime: new Date(found.after[0]) }),
});

export const listReplays = events('listReplays', {}, async (ctx, input) => {
  const { NamePrefix, EventSourceArn, State } = input;
  if ([NamePrefix, EventSourceArn, State].filter((filter) => filter !== undefined).length > 1)
    throw invalid(
      'At most one filter is allowed for ListReplays. Use either : State, EventSourceArn, or NamePrefix.',
    );
  const all = (await listRows(ctx.db, ctx)).filter(
    (each) =>
      each.name.startsWith(NamePrefix ?? '') &&
      (EventSourceArn ?? each.archiveArn) === each.archiveArn &&
      (State ?? each.state) === each.state,
  );
  const { items, next } = paginate(ctx, input, all, ({ name }) => name);
  return { Replays: items.map(shown), ...next };
});
