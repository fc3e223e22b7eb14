import { formatArn, parseArn } from '../../../aws/arn.ts';
import { isAwsError } from '../../../aws/errors.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import { type Failure, failureOf } from '../../../kit/delivery/failure.ts';
import { bury, sqsEndpoint } from '../../../kit/delivery/queue.ts';
import { type Exhausted, nextTry } from '../../../kit/delivery/retry.ts';
import type { ActAs, Platform } from '../../../kit/service.ts';
import { callable } from '../calls/clients.ts';
import { callOf } from '../model/calls.ts';
import { inputOf, SERVICE_PRINCIPAL } from '../model/schedule.ts';
import {
  deleteInvocation,
  findInvocation,
  type Invocation,
  saveInvocation,
} from '../store/invocations.ts';
import { deleteSchedule, findSchedule } from '../store/schedules.ts';
import { sweeps } from '../sweeps.ts';
import { INVOKE } from './names.ts';

/** Calls a target under its role: at least once, again and again for a day, and else into the dead-letter queue. */
export const invoke = defineReconciler<Platform>({
  name: INVOKE,
  concurrency: 64,
  async reconcile(ctx, id) {
    const found = await findInvocation(ctx.db, id);
    if (!found) return undefined;
    if (found.dueAt > ctx.clock.now()) return found.dueAt;
    const failure = await call(ctx, found);
    if (!failure) return done(ctx, found);
    const tried = { ...found, attempts: found.attempts + 1 };
    const times = { retries: found.attempts, startedAt: found.startedAt, now: ctx.clock.now() };
    const next = failure.again ? nextTry(found.target, times) : undefined;
    if (next instanceof Date) {
      await ctx.transaction((tx) => saveInvocation(tx, { ...tried, dueAt: next }));
      return next;
    }
    await buryCall(ctx, tried, failure, next);
    return done(ctx, found);
  },
  sweep: sweeps[INVOKE],
});

async function done(ctx: Platform, { id, isLast, schedule }: Invocation): Promise<undefined> {
  await ctx.transaction(async (tx) => {
    await deleteInvocation(tx, id);
    if (!isLast) return;
    const found = await findSchedule(tx, schedule);
    // One that was changed meanwhile goes on.
    if (found && !found.nextAt) await deleteSchedule(tx, schedule);
  });
}

const textOf = ({ id, arn, target, scheduledAt, attempts }: Invocation) =>
  inputOf(target.Input, { arn, executionId: id, scheduledAt, attempt: attempts + 1 });

async function call(ctx: Platform, invocation: Invocation): Promise<Failure | undefined> {
  const { id, target } = invocation;
  const asked = callOf(target, { input: textOf(invocation), executionId: id });
  const found = asked && (await callable(asked.service, asked.operation));
  if (!found) throw new Error(`A schedule has a target of no kind that is known: ${target.Arn}`);
  try {
    const client = ctx.client(found.Client, actFor(invocation));
    await client.send(found.command(located(ctx, asked.input)));
    return undefined;
  } catch (error) {
    // An execution that has the invocation's name is the one that an earlier try has started.
    if (isAwsError(error, 'ExecutionAlreadyExists') && asked.input.name === id) return undefined;
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

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html */
async function buryCall(
  ctx: Platform,
  invocation: Invocation,
  failure: Failure,
  exhausted: Exhausted | undefined,
): Promise<void> {
  const { id, arn, target, scheduledAt, attempts } = invocation;
  const queue = parseArn(target.DeadLetterConfig?.Arn ?? '');
  const why = { schedule: arn, execution: id, target: target.Arn, failure };
  if (!queue) return ctx.log.warn(why, 'a schedule could not call its target');
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
  } catch (error) {
    const lost = failureOf(error);
    ctx.log.warn({ ...why, lost }, 'a call could not be put into the dead-letter queue');
  }
}
