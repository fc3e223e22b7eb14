import { describe, expect, it } from 'vitest';
import { cancelAll, start, stop } from './commands.ts';
import type { ExecutionMode } from './declaration.ts';
import { retry } from './retry.ts';
import { approval, build, pipelineOf, Story, source, stage, trigger } from './testing.ts';

const storyIn = (executionMode: ExecutionMode) =>
  new Story(
    pipelineOf([stage('Source', source()), stage('Build', build()), stage('Go', approval())], {
      executionMode,
    }),
  );

const waitingAt = (story: Story, name: string) =>
  story.snapshot.executions
    .filter(({ position }) => position?.stage === name && position.phase === 'waiting')
    .map(({ executionId }) => executionId);

describe('QUEUED', () => {
  it('CP-C5: has them wait in their order in front of a stage, and supersedes none', () => {
    const story = storyIn('QUEUED');
    for (const id of ['a', 'b', 'c']) story.begin(id);
    expect(story.running().map((a) => a.executionId)).toEqual(['a']);
    expect(waitingAt(story, 'Source')).toEqual(['b', 'c']);
    story.ends('a', 'Source');
    story.ends('b', 'Source');
    story.ends('c', 'Source');
    expect(waitingAt(story, 'Build')).toEqual(['b', 'c']);
    story.fails('a', 'Build');
    expect(story.running().map((a) => [a.executionId, a.actionName])).toEqual([['b', 'Build']]);
    story.ends('b', 'Build');
    story.ends('c', 'Build');
    expect(['a', 'b', 'c'].map((id) => story.status(id))).toEqual([
      'Failed',
      'InProgress',
      'InProgress',
    ]);
  });

  it('CP-C5: lets the next one pass when the first of those that wait is stopped', () => {
    const story = storyIn('QUEUED');
    for (const id of ['a', 'b', 'c']) story.begin(id);
    story.do((d) => stop(d, { executionId: 'b', abandon: false }));
    expect(story.status('b')).toBe('Stopped');
    story.ends('a', 'Source');
    expect(story.running().map((a) => a.executionId)).toEqual(['a', 'c']);
  });

  it('CP-C5: takes fifty at once', () => {
    const story = storyIn('QUEUED');
    for (let i = 0; i < 50; i++) story.begin(`e${i}`);
    expect(() => story.begin('more')).toThrow('limit of 50 concurrent executions in QUEUED mode');
    story.do((d) => stop(d, { executionId: 'e7', abandon: false }));
    story.begin('more');
    expect(story.status('more')).toBe('InProgress');
  });

  it('CP-A44: ends with an update of the pipeline', () => {
    const story = storyIn('QUEUED');
    for (const id of ['a', 'b']) story.begin(id);
    story.do(cancelAll);
    expect([story.status('a'), story.status('b')]).toEqual(['Cancelled', 'Cancelled']);
  });

  it('CP-C14: what comes new sets those going that waited for more than a month', () => {
    const story = storyIn('QUEUED');
    story.transition('Build', false);
    story.begin('a');
    story.ends('a', 'Source');
    story.now += 31 * 24 * 60 * 60 * 1000;
    story.transition('Build', true);
    expect(story.execution('a').position?.parked).toBe(true);
    story.begin('b');
    story.ends('b', 'Source');
    expect(story.running().map((a) => [a.executionId, a.actionName])).toEqual([['a', 'Build']]);
  });
});

describe('PARALLEL', () => {
  it('CP-C6: has no locks and nobody waits', () => {
    const story = storyIn('PARALLEL');
    for (const id of ['a', 'b']) story.begin(id);
    story.ends('b', 'Source');
    expect(story.running().map((a) => [a.executionId, a.actionName])).toEqual([
      ['a', 'Source'],
      ['b', 'Build'],
    ]);
    story.ends('a', 'Source');
    expect(story.running()).toHaveLength(2);
    expect(story.snapshot.stages.every((s) => s.latestExecutionId === undefined)).toBe(true);
  });

  it('CP-C7, CP-C42: takes the newest revision, and that of the event only where a trigger let it in', () => {
    const changed = [
      { actionName: 'Source', revisionType: 'COMMIT_ID' as const, revisionValue: 'abc' },
    ];
    const overrides = (mode: ExecutionMode, triggerType: 'PollForSourceChanges' | 'WebhookV2') => {
      const story = storyIn(mode);
      story.do((d) => start(d, { executionId: 'e', trigger: { triggerType }, changed }));
      return story.action('e', 'Source').input.sourceOverrides;
    };
    expect(overrides('QUEUED', 'PollForSourceChanges')).toEqual(changed);
    expect(overrides('PARALLEL', 'PollForSourceChanges')).toEqual([]);
    expect(overrides('PARALLEL', 'WebhookV2')).toEqual(changed);
  });

  it('CP-C6: takes fifty at once, retries among them', () => {
    const story = storyIn('PARALLEL');
    story.begin('first');
    story.fails('first', 'Source');
    for (let i = 0; i < 50; i++) story.begin(`e${i}`);
    const limit = expect.objectContaining({
      name: 'ConcurrentPipelineExecutionsLimitExceededException',
    });
    const again = { stageName: 'Source', executionId: 'first', mode: 'FAILED_ACTIONS' } as const;
    expect(() => story.do((d) => retry(d, again))).toThrow(limit);
    story.fails('e0', 'Source');
    story.do((d) => retry(d, again));
    expect(story.status('first')).toBe('InProgress');
  });

  it('CP-C6: each may be retried where it failed, whoever was there since', () => {
    const story = storyIn('PARALLEL');
    for (const id of ['a', 'b']) story.begin(id);
    for (const id of ['a', 'b']) story.ends(id, 'Source');
    story.fails('a', 'Build');
    story.do((d) => retry(d, { stageName: 'Build', executionId: 'a', mode: 'ALL_ACTIONS' }));
    expect(story.action('a', 'Build')).toMatchObject({ status: 'InProgress', attempt: 2 });
  });

  it('CP-C8: goes on by the structure that it began with, in its mode, when the pipeline is updated', () => {
    const story = storyIn('PARALLEL');
    for (const id of ['a', 'b']) story.begin(id);
    const changed = pipelineOf([stage('Source', source()), stage('Other', approval())]);
    story.update({ ...changed, executionMode: 'SUPERSEDED' });
    story.do((d) => start(d, { executionId: 'c', trigger }));
    expect(story.execution('c').mode).toBe('SUPERSEDED');
    expect(story.running().map((a) => a.executionId)).toEqual(['a', 'b', 'c']);
    story.ends('a', 'Source');
    expect(story.action('a', 'Build').status).toBe('InProgress');
    story.ends('a', 'Build');
    story.ends('a', 'Approve');
    expect(story.status('a')).toBe('Succeeded');
    story.ends('c', 'Source');
    expect(story.execution('c').position?.stage).toBe('Other');
    story.fails('b', 'Source');
    expect(() =>
      story.do((d) => retry(d, { stageName: 'Source', executionId: 'b', mode: 'ALL_ACTIONS' })),
    ).toThrow('the structure of the pipeline has changed');
  });
});
