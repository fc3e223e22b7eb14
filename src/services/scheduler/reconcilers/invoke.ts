import { formatArn, parseArn } from '../../../aws/arn.ts';
import { isAwsError } from '../../../aws/errors.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import { serviceOf } from '../../../kit/clients.ts';
import { type Failure, failureOf } from '../../../kit/delivery/failure.ts';
import { AT_ONCE, type Lane, laneOf, makeRoom } from '../../../kit/delivery/lanes.ts';
import { bury, sqsEndpoint } from '../../../kit/delivery/queue.ts';
import { type Exhausted, nextBurial, nextTry } from '../../../kit/delivery/retry.ts';
import type { ActAs, Platform } from '../../../kit/service.ts';
import { type Callable, callable } from '../calls/clients.ts';
import { type ApiCall, callOf } from '../model/calls.ts';
import { inputOf, SERVICE_PRINCIPAL, tokenOf } from '../model/schedule.ts';
import { type Invocation, invocations } from '../store/invocations.ts';
import { deleteSchedule, findSchedule } from '../store/schedules.ts';
import { sweeps } from '../sweeps.ts';
import { LANES } from './names.ts';

const room = makeRoom();

/** Calls a target under its role: at least once, again and again for a day, and else into the dead-letter queue. */
const invokeBy = (lane: Lane) => ({
  name: LANES[lane],
  concurrency: AT_ONCE,
  async reconcile(ctx: Platform, id: string) {
    const found = await invocations.find(ctx.db, id);
    if (!found) return undefined;
    if (found.dueAt > ctx.clock.now()) return found.dueAt;
    const owed = await owedCall(found);
    const its = laneOf(ctx.config.upstream[serviceOf(owed.Client)] !== undefined, found);
    if (its !== lane) return handOver(ctx, its, found);
    const { Arn } = found.target;
    const leave = lane === 'outside' ? room.enter(`${found.schedule.accountId} ${Arn}`) : () => {};
    // Noted with it: whoever finds it again brings it to the same lane.
    if (!leave) return handOver(ctx, 'again', { ...found, crowded: true });
    try {
      const failure = await call(ctx, found, owed);
      return await (failure ? failed(ctx, found, failure) : done(ctx, found));
    } finally {
      leave();
    }
  },
});

export const invoke = defineReconciler<Platform>({
  ...invokeBy('inner'),
  sweep: sweeps[LANES.inner as keyof typeof sweeps],
});
export const invokeOutside = defineReconciler<Platform>(invokeBy('outside'));
export const invokeAgain = defineReconciler<Platform>(invokeBy('again'));

async function handOver(ctx: Platform, lane: Lane, invocation: Invocation): Promise<undefined> {
  await ctx.transaction(async (tx) => {
    if (invocation.crowded) await invocations.save(tx, invocation);
    await ctx.engine.wake(tx, LANES[lane], invocation.id);
  });
}

async function failed(
  ctx: Platform,
  found: Invocation,
  failure: Failure,
): Promise<Date | undefined> {
  const tried = { ...found, attempts: found.attempts + 1 };
  const times = { retries: found.attempts, startedAt: found.startedAt, now: ctx.clock.now() };
  const next = failure.again ? nextTry(found.target, times) : undefined;
  if (next instanceof Date) return later(ctx, tried, next);
  const lost = await buryCall(ctx, tried, failure, next);
  const again = lost?.again ? nextBurial(times) : undefined;
  if (again) return later(ctx, tried, again);
  return done(ctx, found);
}

async function later(ctx: Platform, tried: Invocation, dueAt: Date): Promise<Date> {
  await ctx.transaction((tx) => invocations.save(tx, { ...tried, dueAt }));
  return dueAt;
}

async function done(ctx: Platform, { id, isLast, schedule }: Invocation): Promise<undefined> {
  await ctx.transaction(async (tx) => {
    await invocations.delete(tx, id);
    if (!isLast) return;
    const found = await findSchedule(tx, schedule);
    // One that was changed meanwhile goes on.
    if (found && !found.nextAt) await deleteSchedule(tx, schedule);
  });
}

const factsOf = ({ id, arn, scheduledAt, attempts }: Invocation) => ({
  ...{ arn, executionId: id, scheduledAt, attempt: attempts + 1 },
});
const textOf = (invocation: Invocation) => inputOf(invocation.target.Input, factsOf(invocation));

type Owed = Callable & Pick<ApiCall, 'input'>;

async function owedCall(invocation: Invocation): Promise<Owed> {
  const { id, target } = invocation;
  const input = textOf(invocation);
  const token = tokenOf(target.Input, factsOf(invocation));
  const asked = callOf(target, { input, executionId: id, token });
  const found = asked && (await callable(asked.service, asked.operation));
  if (!found) throw new Error(`A schedule has a target of no kind that is known: ${target.Arn}`);
  return { ...found, input: asked.input };
}

async function call(
  ctx: Platform,
  invocation: Invocation,
  { Client, command, input }: Owed,
): Promise<Failure | undefined> {
  try {
    await ctx.client(Client, actFor(invocation)).send(command(located(ctx, input)));
    return undefined;
  } catch (error) {
    // An execution that has the invocation's name is the one that an earlier try has started.
    if (isAwsError(error, 'ExecutionAlreadyExists') && input.name === invocation.id)
      return undefined;
    return failureOf(error);
  }
}

/** Queues are named by URLs, which begin where SQS is. */
function located(ctx: Platform, input: Record<string, unknown>) {
  const { QueueUrl: url } = input;
  return typeof url === 'string' && url.startsWith('/')
    ? { ...input, QueueUrl: `${sqsEndpoint(ctx)}${url}` }
    : input;
}

function actFor({ schedule, target }: Invocation): ActAs {
  const { accountId, region, group, name } = schedule;
  const resource = `schedule-group/${group}`;
  return {
    ...{ service: SERVICE_PRINCIPAL, roleArn: target.RoleArn ?? '', region },
    sourceArn: formatArn({ service: 'scheduler', region, accountId, resource }),
    // STS takes at most 64 characters.
    sessionName: `scheduler-${name}`.slice(0, 64),
  };
}

/**
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
 * @returns why the queue did not take it
 */
async function buryCall(
  ctx: Platform,
  invocation: Invocation,
  failure: Failure,
  exhausted: Exhausted | undefined,
): Promise<Failure | undefined> {
  const { id, arn, target, scheduledAt, attempts } = invocation;
  const queue = parseArn(target.DeadLetterConfig?.Arn ?? '');
  const why = { schedule: arn, execution: id, target: target.Arn, failure };
  if (!queue) {
    ctx.log.warn(why, 'a schedule could not call its target');
    return undefined;
  }
  const attributes = {
    ...{ ERROR_CODE: failure.code, ERROR_MESSAGE: failure.message, EXECUTION_ID: id },
    ...{ SCHEDULE_ARN: arn, TARGET_ARN: target.Arn ?? '', IS_PAYLOAD_TRUNCATED: 'false' },
    SCHEDULED_TIME: `${scheduledAt.toISOString().slice(0, 19)}Z`,
    RETRY_ATTEMPTS: String(attempts - 1),
    ...(exhausted && { EXHAUSTED_RETRY_CONDITION: exhausted }),
  };
  const body = textOf(invocation) || '{}';
  try {
    await bury(ctx, queue, actFor(invocation), { body, attributes });
    return undefined;
  } catch (error) {
    const lost = failureOf(error);
    ctx.log.warn({ ...why, lost }, 'a call could not be put into the dead-letter queue');
    return lost;
  }
}
