import { greatest, least } from '../lib/append.ts';
import { ownValue } from '../lib/own.ts';
import type { ActionFacts, ExecutionFacts, PartFacts } from './facts.ts';
import { type Result, type Span, spanIdOf, type Trace, traceIdOf } from './span.ts';

const RESULTS: Record<string, Result> = {
  Succeeded: 'success',
  Failed: 'failure',
  Stopped: 'cancellation',
  Cancelled: 'cancellation',
  Abandoned: 'cancellation',
  Superseded: 'skip',
};
const TASK_TYPES: Record<string, string> = { Build: 'build', Test: 'test', Deploy: 'deploy' };

/**
 * The spans of an execution: itself, its stages, their actions, and the parts of these. Each span's id follows from what it
 * is of, so that making them twice makes the same.
 */
export function traceOf(execution: ExecutionFacts): Trace {
  const { accountId, region, pipeline, executionId, attempt, url } = execution;
  const actions = attempt === 1 ? execution.actions : lastAttempt(execution.actions);
  const root = spanIdOf(executionId, attempt);
  return {
    traceId: traceIdOf(accountId, region, executionId),
    resource: {
      'cloud.account.id': accountId,
      'cloud.region': region,
      'cicd.pipeline.name': pipeline,
      'cicd.pipeline.run.id': executionId,
      'cicd.pipeline.run.url.full': url,
    },
    spans: [rootSpan(execution, root, actions), ...stageSpans(execution, root, actions)],
  };
}

/** A retry runs an action again: what has begun since then is the attempt. What came before was told at its own end. */
function lastAttempt(actions: readonly ActionFacts[]): ActionFacts[] {
  const seen = new Set<string>();
  let first = 0;
  for (const [at, { stage, name }] of actions.entries()) {
    const which = `${stage}/${name}`;
    if (seen.has(which)) {
      first = at;
      seen.clear();
    }
    seen.add(which);
  }
  return actions.slice(first);
}

function rootSpan(execution: ExecutionFacts, spanId: string, actions: ActionFacts[]): Span {
  const { pipeline, executionId, attempt, status, summary, start, end, trigger } = execution;
  const result = ownValue(RESULTS, status) ?? 'error';
  return {
    ...{ spanId, name: `RUN ${pipeline}`, kind: 'SERVER', result },
    start: attempt === 1 ? start : earliest(actions, start),
    end,
    ...(result === 'failure' && { errorType: status }),
    ...(summary !== undefined && { message: summary }),
    attributes: {
      ...ofRun(execution),
      'cicd.pipeline.action.name': 'RUN',
      'cicd.pipeline.result': result,
      'aws.codepipeline.execution.arn': `arn:aws:codepipeline:${execution.region}:${execution.accountId}:${pipeline}/${executionId}`,
      'aws.codepipeline.execution.attempt': attempt,
      'aws.codepipeline.execution.status': status,
      'aws.codepipeline.execution.trigger': trigger,
    },
  };
}

const ofRun = ({ pipeline, executionId }: ExecutionFacts) => ({
  'cicd.pipeline.name': pipeline,
  'cicd.pipeline.run.id': executionId,
});

const earliest = (of: readonly { start: Date }[], without: Date) =>
  of.length === 0 ? without : new Date(least(of.map(({ start }) => start.getTime())) ?? 0);
const latest = (of: readonly { end: Date }[]) =>
  new Date(greatest(of.map(({ end }) => end.getTime())) ?? 0);

/** A stage is as long as its actions: no API tells when one began in an execution. */
function stageSpans(execution: ExecutionFacts, parentId: string, actions: ActionFacts[]): Span[] {
  return [...Map.groupBy(actions, ({ stage }) => stage)].flatMap(([stage, its]) => {
    const spanId = spanIdOf(execution.executionId, execution.attempt, 'stage', stage);
    const failed = its.find(({ status }) => status === 'Failed');
    const stopped = its.find(({ status }) => status !== 'Succeeded');
    const span: Span = {
      ...{ spanId, parentId, name: stage, kind: 'INTERNAL' },
      ...{ start: earliest(its, execution.start), end: latest(its) },
      result: failed
        ? resultOf(failed)
        : (ownValue(RESULTS, stopped?.status ?? 'Succeeded') ?? 'error'),
      ...errorOf(failed?.error),
      attributes: { ...ofRun(execution), 'aws.codepipeline.stage.name': stage },
    };
    return [span, ...its.flatMap((action) => actionSpans(execution, spanId, action))];
  });
}

function resultOf({ status, error }: ActionFacts): Result {
  if (status === 'Failed' && error?.code === 'JobTimedOut') return 'timeout';
  return ownValue(RESULTS, status) ?? 'error';
}

const errorOf = (error: PartFacts['error']) => ({
  ...(error?.code !== undefined && { errorType: error.code }),
  ...(error?.message !== undefined && { message: error.message }),
});

/** An action is the outermost part of its work. */
function actionSpans(execution: ExecutionFacts, parentId: string, action: ActionFacts): Span[] {
  const { id, category, provider, externalId, url = execution.url } = action;
  const attributes = {
    'cicd.pipeline.task.type': ownValue(TASK_TYPES, category),
    'aws.codepipeline.stage.name': action.stage,
    'aws.codepipeline.action.category': category,
    'aws.codepipeline.action.provider': provider,
    'aws.codepipeline.action.external_execution_id': externalId,
  };
  const place = { spanId: spanIdOf(id), parentId, execution, url };
  return partSpans(place, { ...action, attributes, result: resultOf(action) });
}

interface Place {
  spanId: string;
  parentId: string;
  execution: ExecutionFacts;
  /** Where the console shows the action. */
  url: string;
}

/** A part and, below it, its parts. */
function partSpans(place: Place, part: PartFacts): Span[] {
  const { spanId, parentId, execution, url } = place;
  const { id, name, start, end, result, error, attributes, parts = [] } = part;
  const span: Span = {
    ...{ spanId, parentId, name, kind: 'INTERNAL', start, end, result },
    ...errorOf(error),
    attributes: {
      ...ofRun(execution),
      'cicd.pipeline.task.name': name,
      'cicd.pipeline.task.run.id': id,
      'cicd.pipeline.task.run.result': result,
      'cicd.pipeline.task.run.url.full': url,
      ...attributes,
    },
  };
  const below = (each: PartFacts) =>
    partSpans({ ...place, spanId: spanIdOf(spanId, each.id), parentId: spanId }, each);
  return [span, ...parts.flatMap(below)];
}
