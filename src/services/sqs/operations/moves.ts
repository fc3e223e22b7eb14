import { randomUUID } from 'node:crypto';
import { parseArn } from '../../../aws/arn.ts';
import { authorizeOn, defineResource, on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  destinationNotFound,
  invalidParameter,
  invalidValue,
  missingParameter,
  notNow,
  resourceNotFound,
  taskNotFound,
} from '../errors.ts';
import { MAX_MOVES_PER_S, MAX_TASKS_LISTED } from '../limits.ts';
import { arnOf, type Queue } from '../model/queue.ts';
import { MOVE } from '../reconcilers/move.ts';
import { type LocatedQueue, located, ownQueue, queue } from '../resources/queue.ts';
import { countMessages } from '../store/messages.ts';
import { findQueueById, listSources } from '../store/queues.ts';
import { findTask, insertTask, listTasks, type MoveTask, updateTask } from '../store/tasks.ts';
import { sqs } from './declare.ts';

/** A queue of the caller's region by its ARN. */
const byArn = defineResource<string | undefined, LocatedQueue, Queue>({
  ...ownQueue,
  locate(caller, arn) {
    if (arn === undefined || arn === '') throw missingParameter('SourceArn');
    return locatedByArn(caller.region, arn, 'SourceArn');
  },
  notFound: resourceNotFound,
});

function locatedByArn(region: string, text: string, parameter: string): LocatedQueue {
  const arn = parseArn(text);
  if (arn?.service !== 'sqs' || arn.region !== region)
    throw invalidValue(
      `You must use this format to specify the ${parameter}: arn:aws:sqs:<region_name>:<account_number>:<queue_name>`,
    );
  return located(arn, arn.resource);
}

/** Of a task: a refusal does not tell whether there is one. */
const ofTask = defineResource<string | undefined, LocatedQueue, Queue>({
  ...ownQueue,
  named: () => '*',
});

/** Sealed, so that it names the task to nobody else. */
const CONTEXT = 'sqs move task';

export const startMessageMoveTask = sqs(
  'startMessageMoveTask',
  on(byArn, ({ SourceArn }) => SourceArn),
  async (ctx, input, source) => {
    const { MaxNumberOfMessagesPerSecond: perSecond, DestinationArn: destinationArn } = input;
    if (perSecond !== undefined && !isRate(perSecond))
      throw invalidParameter(
        perSecond,
        'MaxNumberOfMessagesPerSecond',
        `The value must be an integer between 1 and ${MAX_MOVES_PER_S}.`,
      );
    await checkMove(ctx, source, destinationArn);
    const task: MoveTask = {
      ...{ id: randomUUID(), queueId: source.id, sourceArn: arnOf(source), moved: 0, toMove: 0 },
      ...{ status: 'RUNNING', startedAt: ctx.clock.now().getTime() },
      ...(destinationArn !== undefined && { destinationArn }),
      ...(perSecond !== undefined && { perSecond }),
    };
    await ctx.transaction(async (tx) => {
      if ((await listTasks(tx, source.id, 1)).some(isActive))
        throw notNow(
          'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
        );
      const { visible } = await countMessages(tx, source, task.startedAt);
      await insertTask(tx, { ...task, toMove: visible });
      await ctx.engine.wake(tx, MOVE, task.id);
    });
    return { TaskHandle: ctx.vault.seal(task.id, CONTEXT) };
  },
);

const isRate = (rate: number) => Number.isInteger(rate) && rate >= 1 && rate <= MAX_MOVES_PER_S;
const isActive = ({ status }: MoveTask) => status === 'RUNNING' || status === 'CANCELLING';

/** It takes from one queue and puts into another, for the caller. */
async function checkMove(
  ctx: ServiceContext,
  source: Queue,
  destinationArn: string | undefined,
): Promise<void> {
  const from = located(source, source.name);
  for (const action of ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'])
    await authorizeOn(ctx, ownQueue, from, action);
  const [first] = await listSources(ctx.db, from.arn, { count: 1 });
  if (!first) throw invalidValue('Source queue must be configured as a Dead Letter Queue.');
  if (destinationArn === undefined) {
    for (const one of await listSources(ctx.db, from.arn, { count: MOST_SOURCES }))
      await authorizeOn(ctx, ownQueue, located(one, one.name), 'sqs:SendMessage');
    return;
  }
  if (destinationArn === from.arn)
    throw invalidValue('Source and destination queue must be different.');
  const to = locatedByArn(ctx.region, destinationArn, 'DestinationArn');
  await authorizeOn(ctx, queue, to, 'sqs:SendMessage');
  const destination = await queue.find(ctx.db, to);
  if (!destination) throw destinationNotFound();
  if (destination.settings.fifo !== source.settings.fifo)
    throw invalidValue('Source and destination queue must be of the same type.');
}

/** Sources of one dead-letter queue whose permissions are asked for; the rest of more are of the same account. */
const MOST_SOURCES = 1_000;

export const listMessageMoveTasks = sqs(
  'listMessageMoveTasks',
  on(byArn, ({ SourceArn }) => SourceArn),
  async (ctx, { MaxResults = 1 }, source) => {
    if (!Number.isInteger(MaxResults) || MaxResults < 1 || MaxResults > MAX_TASKS_LISTED)
      throw invalidParameter(
        MaxResults,
        'MaxResults',
        `Must be between 1 and ${MAX_TASKS_LISTED}.`,
      );
    const tasks = await listTasks(ctx.db, source.id, MaxResults);
    return {
      Results: tasks.map((task) => ({
        ...(task.status === 'RUNNING' && { TaskHandle: ctx.vault.seal(task.id, CONTEXT) }),
        Status: task.status,
        SourceArn: task.sourceArn,
        DestinationArn: task.destinationArn,
        MaxNumberOfMessagesPerSecond: task.perSecond,
        ApproximateNumberOfMessagesMoved: task.moved,
        ApproximateNumberOfMessagesToMove: task.toMove,
        FailureReason: task.failure,
        StartedTimestamp: task.startedAt,
      })),
    };
  },
);

export const cancelMessageMoveTask = sqs('cancelMessageMoveTask', 'self', async (ctx, input) => {
  const { TaskHandle: handle } = input;
  const id = taskIdOf(ctx, handle);
  const task = id === undefined ? undefined : await findTask(ctx.db, id);
  const source = task && (await findQueueById(ctx.db, task.queueId));
  // Who may not cancel anything learns of no task.
  if (!source) await ctx.authorize('sqs:CancelMessageMoveTask', '*');
  else await authorizeOn(ctx, ofTask, located(source, source.name), 'sqs:CancelMessageMoveTask');
  if (handle === undefined || handle === '') throw missingParameter('TaskHandle');
  if (!source)
    throw id === undefined
      ? invalidValue('Value for parameter TaskHandle is invalid.')
      : taskNotFound();
  const moved = await ctx.transaction(async (tx) => {
    const now = await findTask(tx, task.id);
    if (now?.status !== 'RUNNING') throw notNow('Only active tasks can be cancelled.');
    await updateTask(tx, { ...now, status: 'CANCELLING' });
    await ctx.engine.wake(tx, MOVE, now.id);
    return now.moved;
  });
  return { ApproximateNumberOfMessagesMoved: moved };
});

function taskIdOf({ vault }: ServiceContext, handle = ''): string | undefined {
  try {
    return vault.open(handle, CONTEXT).toString('utf8');
  } catch {
    return undefined;
  }
}
