import { expect, it } from 'vitest';
import type { ActionFacts, ExecutionFacts } from './facts.ts';
import { encodeSpans } from './otlp.ts';
import { traceOf } from './tree.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);

const action = (name: string, from: number, more: Partial<ActionFacts> = {}): ActionFacts => ({
  ...{ id: `${name}-${from}`, stage: 'Build', name, category: 'Build', provider: 'CodeBuild' },
  ...{ status: 'Succeeded', start: at(from), end: at(from + 1), parts: [], ...more },
});

const execution = (actions: ActionFacts[], more: Partial<ExecutionFacts> = {}): ExecutionFacts => ({
  ...{ accountId: '111111111111', region: 'eu-west-1', pipeline: 'web', executionId: 'e' },
  ...{ attempt: 1, status: 'Succeeded', url: 'http://console', start: at(0), end: at(9), actions },
  ...more,
});

const named = (facts: ExecutionFacts) =>
  traceOf(facts).spans.map(({ name, result }) => [name, result]);

it('makes the same ids again, and others for another execution', () => {
  const facts = execution([action('A', 1)]);
  expect(traceOf(facts)).toEqual(traceOf(structuredClone(facts)));
  const [one, other] = [traceOf(facts), traceOf({ ...facts, executionId: 'f' })];
  expect(one.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(other.traceId).not.toBe(one.traceId);
  const ids = one.spans.map(({ spanId }) => spanId);
  expect(ids).toEqual(ids.map(() => expect.stringMatching(/^[0-9a-f]{16}$/)));
  expect(new Set(ids).size).toBe(3);
});

it('tells parts of the same name apart, and how long a stage was', () => {
  const part = { id: 'BUILD', name: 'BUILD', start: at(1), end: at(2), result: 'success' as const };
  const parts = [{ ...part, attributes: {}, parts: [{ ...part, attributes: {} }] }];
  const url = 'http://console/build';
  const { spans } = traceOf(execution([action('A', 1, { parts, url }), action('B', 3, { parts })]));
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
  expect(spans.map(({ name, end }) => [name, end]).slice(0, 2)).toEqual([
    ['RUN web', at(9)],
    ['Build', at(4)],
  ]);
  const urls = spans.map(({ attributes }) => attributes['cicd.pipeline.task.run.url.full']);
  const own = 'http://console';
  expect(urls).toEqual([undefined, undefined, url, url, url, own, own, own]);
});

it('says how each ended', () => {
  const late = { status: 'Failed', error: { code: 'JobTimedOut', message: 'No answer' } };
  const left = { stage: 'Deploy', status: 'Abandoned' };
  expect(
    named(
      execution([action('A', 1), action('B', 1, late), action('C', 3, left)], { status: 'Failed' }),
    ),
  ).toEqual([
    ['RUN web', 'failure'],
    ['Build', 'timeout'],
    ['A', 'success'],
    ['B', 'timeout'],
    ['Deploy', 'cancellation'],
    ['C', 'cancellation'],
  ]);
  expect(named(execution([], { status: 'Superseded' }))).toEqual([['RUN web', 'skip']]);
});

it('tells of a retry what it did, below a root of its own in the same trace', () => {
  const failed = { status: 'Failed' };
  const first = [action('A', 1, failed), action('B', 1, failed)];
  const before = traceOf(execution(first, { status: 'Failed' }));
  const retried = [...first, action('A', 5), action('B', 5), action('C', 6)];
  const after = traceOf(execution(retried, { attempt: 2 }));
  expect(after.traceId).toBe(before.traceId);
  expect(after.spans.map(({ name, start }) => [name, start])).toEqual([
    ...[
      ['RUN web', at(5)],
      ['Build', at(5)],
    ],
    ...[
      ['A', at(5)],
      ['B', at(5)],
      ['C', at(6)],
    ],
  ]);
  const told = new Set(before.spans.map(({ spanId }) => spanId));
  expect(after.spans.filter(({ spanId }) => told.has(spanId))).toEqual([]);
});

it('is encoded as OTLP has it', () => {
  const error = { code: 'JobFailed', message: 'Build terminated' };
  const trace = traceOf(execution([action('A', 1, { status: 'Failed', error })]));
  const { resourceSpans } = encodeSpans(trace, trace.spans.slice(2)) as {
    resourceSpans: { scopeSpans: { spans: object[] }[] }[];
  };
  expect(resourceSpans[0]?.scopeSpans[0]?.spans).toEqual([
    {
      ...{ traceId: trace.traceId, spanId: trace.spans[2]?.spanId, name: 'A', kind: 1 },
      parentSpanId: trace.spans[1]?.spanId,
      startTimeUnixNano: `${at(1).getTime()}000000`,
      endTimeUnixNano: `${at(2).getTime()}000000`,
      status: { code: 2, message: 'Build terminated' },
      attributes: expect.arrayContaining([
        { key: 'error.type', value: { stringValue: 'JobFailed' } },
        { key: 'cicd.pipeline.task.run.result', value: { stringValue: 'failure' } },
      ]),
    },
  ]);
});
