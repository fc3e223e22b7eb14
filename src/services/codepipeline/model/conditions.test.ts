import { describe, expect, it } from 'vitest';
import { setTransition, stop } from './commands.ts';
import { report } from './outcome.ts';
import { type OverrideRequest, override } from './override.ts';
import { retry } from './retry.ts';
import { rollBack } from './rollback.ts';
import { build, conditions, pipelineOf, rule, Story, source, stage } from './testing.ts';

/** A pipeline of two stages after its source, where the first has these members. */
const storyWith = (members: object, more = {}) =>
  new Story(
    pipelineOf(
      [
        stage('Source', source()),
        { ...stage('Prod', build('A'), build('B')), ...members },
        stage('After', build('C')),
      ],
      more,
    ),
  );

/** Brings an execution to the stage with the members. */
function arrived(members: object, id = 'e', more = {}) {
  const story = storyWith(members, more);
  story.begin(id);
  story.ends(id, 'Source');
  return story;
}

const condition = (story: Story, member: 'beforeEntry' | 'onSuccess' | 'onFailure', id = 'e') =>
  story.execution(id).stages.Prod?.conditions[member]?.status;
const names = (story: Story) => story.running().map((a) => a.actionName);
const thrown = (name: string) => expect.objectContaining({ name: `${name}Exception` });
const errored = { state: 'failed', code: 'PermissionError', message: 'denied' } as const;

describe('entry conditions', () => {
  const beforeEntry = conditions('FAIL', rule('X'), rule('Y'));

  it('CP-C25: all rules are evaluated at once, before the first action', () => {
    const story = arrived({ beforeEntry });
    expect(names(story)).toEqual(['X', 'Y']);
    expect(story.stageStatus('e', 'Prod')).toBe('InProgress');
    story.ends('e', 'X');
    expect(names(story)).toEqual(['Y']);
    story.ends('e', 'Y');
    expect(condition(story, 'beforeEntry')).toBe('Succeeded');
    expect(names(story)).toEqual(['A', 'B']);
    expect(story.events).not.toContain('Prod/X/STARTED');
  });

  it('CP-C24, CP-C25: FAIL engages once all rules have ended, when one of them says no', () => {
    const story = arrived({ beforeEntry });
    story.fails('e', 'X');
    expect(story.status('e')).toBe('InProgress');
    story.ends('e', 'Y');
    expect(condition(story, 'beforeEntry')).toBe('Failed');
    expect(story.execution('e').stages.Prod?.conditions.beforeEntry?.summary).toBe('no');
    expect([story.stageStatus('e', 'Prod'), story.status('e')]).toEqual(['Failed', 'Failed']);
    expect(story.action('e', 'A')).toBeUndefined();
  });

  it('CP-C25: SKIP leads to the next stage', () => {
    const story = arrived({ beforeEntry: conditions('SKIP', rule()) });
    story.fails('e', 'Check');
    expect(story.stageStatus('e', 'Prod')).toBe('Skipped');
    expect(names(story)).toEqual(['C']);
    story.ends('e', 'C');
    expect(story.status('e')).toBe('Succeeded');
  });

  it('CP-C27: is Errored when a rule could not be evaluated, and the result engages', () => {
    const story = arrived({ beforeEntry: conditions('SKIP', rule()) });
    story.ends('e', 'Check', errored);
    expect(condition(story, 'beforeEntry')).toBe('Errored');
    expect(story.stageStatus('e', 'Prod')).toBe('Skipped');
  });

  it('CP-A15: a rule has a time-out', () => {
    const story = arrived({
      beforeEntry: conditions('FAIL', rule('X', { timeoutInMinutes: 30 })),
    });
    expect(story.steps.at(-1)?.wakeAt).toBe(story.now + 30 * 60_000);
    story.now += 30 * 60_000;
    story.do(() => undefined);
    expect(story.action('e', 'X')).toMatchObject({
      status: 'Failed',
      errorDetails: { code: 'JobTimedOut' },
    });
    expect(condition(story, 'beforeEntry')).toBe('Errored');
    expect(story.status('e')).toBe('Failed');
  });

  it('CP-C32: a rule whose variable is not there could not be evaluated', () => {
    const missing = { Variable: '#{src.Nothing}', Value: 'a', Operator: 'EQ' };
    const story = arrived({
      beforeEntry: conditions('FAIL', rule('X', { configuration: missing })),
    });
    expect(condition(story, 'beforeEntry')).toBe('Errored');
  });

  it('CP-C17: a retry evaluates it once more', () => {
    const story = arrived({ beforeEntry });
    story.fails('e', 'X');
    story.fails('e', 'Y');
    story.do((d) => retry(d, { stageName: 'Prod', executionId: 'e', mode: 'ALL_ACTIONS' }));
    expect(names(story)).toEqual(['X', 'Y']);
    story.ends('e', 'X');
    story.ends('e', 'Y');
    expect(names(story)).toEqual(['A', 'B']);
  });

  it('CP-C15: stop and wait lets the rules end; CP-C16: abandon does not', () => {
    const story = arrived({ beforeEntry });
    story.do((d) => stop(d, { executionId: 'e', abandon: false }));
    story.ends('e', 'X');
    expect(story.status('e')).toBe('Stopping');
    story.ends('e', 'Y');
    expect([story.status('e'), condition(story, 'beforeEntry')]).toEqual(['Stopped', 'Succeeded']);
    story.do((d) => retry(d, { stageName: 'Prod', executionId: 'e', mode: 'FAILED_ACTIONS' }));
    story.do((d) => stop(d, { executionId: 'e', abandon: true }));
    expect([story.status('e'), condition(story, 'beforeEntry')]).toEqual(['Stopped', 'Abandoned']);
    expect(story.running()).toEqual([]);
  });
});

describe('success conditions', () => {
  const onSuccess = conditions('FAIL', rule());
  function checking(members: object = { onSuccess }) {
    const story = arrived(members);
    story.ends('e', 'A');
    story.ends('e', 'B');
    return story;
  }

  it('CP-C24: are evaluated after the last action; the stage is left when they hold', () => {
    const story = checking();
    expect(names(story)).toEqual(['Check']);
    expect(story.stageStatus('e', 'Prod')).toBe('InProgress');
    story.ends('e', 'Check');
    expect(story.stageStatus('e', 'Prod')).toBe('Succeeded');
    expect(names(story)).toEqual(['C']);
  });

  it('CP-C24: FAIL; CP-C18: FAILED_ACTIONS evaluates again, ALL_ACTIONS begins with the first action', () => {
    const story = checking();
    story.fails('e', 'Check');
    expect([story.stageStatus('e', 'Prod'), story.status('e')]).toEqual(['Failed', 'Failed']);
    const again = { stageName: 'Prod', executionId: 'e' };
    story.do((d) => retry(d, { ...again, mode: 'FAILED_ACTIONS' }));
    expect(names(story)).toEqual(['Check']);
    story.fails('e', 'Check');
    story.do((d) => retry(d, { ...again, mode: 'ALL_ACTIONS' }));
    expect(names(story)).toEqual(['A', 'B']);
  });

  it('CP-C23: ROLLBACK goes back to the last execution that succeeded there', () => {
    const story = checking({ onSuccess: conditions('ROLLBACK', rule()) });
    story.ends('e', 'Check');
    story.begin('f');
    for (const name of ['Source', 'A', 'B']) story.ends('f', name);
    story.fails('f', 'Check');
    expect([story.stageStatus('f', 'Prod'), story.status('f')]).toEqual(['Failed', 'Failed']);
    const rolled = story.snapshot.executions.find(({ type }) => type === 'ROLLBACK');
    expect(rolled).toMatchObject({
      rollbackTarget: 'e',
      trigger: { triggerType: 'AutomatedRollback', triggerDetail: 'f' },
      artifacts: story.execution('e').artifacts,
    });
    const id = rolled?.executionId ?? '';
    story.ends(id, 'A');
    story.ends(id, 'B');
    // Neither the condition nor the next stage.
    expect(story.status(id)).toBe('Succeeded');
    expect(Object.keys(story.execution(id).stages)).toEqual(['Prod']);
  });
});

describe('failure', () => {
  const failed = (onFailure: object, id = 'e') => {
    const story = arrived({ onFailure }, id);
    story.fails(id, 'A');
    story.ends(id, 'B');
    return story;
  };

  it('CP-C20: RETRY tries the failed actions once more, by itself, and once only', () => {
    const story = failed({ result: 'RETRY' });
    expect(names(story)).toEqual(['A']);
    expect(story.execution('e').stages.Prod).toMatchObject({
      autoRetries: 1,
      manualRetries: 0,
      latestRetry: 'AutomatedStageRetry',
    });
    expect(story.events.filter((e) => /^Prod\/(FAILED|RESUMED)$/.test(e))).toEqual([
      'Prod/FAILED',
      'Prod/RESUMED',
    ]);
    expect(story.status('e')).toBe('InProgress');
    story.fails('e', 'A');
    expect([story.stageStatus('e', 'Prod'), story.status('e')]).toEqual(['Failed', 'Failed']);
    story.do((d) => retry(d, { stageName: 'Prod', executionId: 'e', mode: 'FAILED_ACTIONS' }));
    story.fails('e', 'A');
    expect(story.status('e')).toBe('Failed');
  });

  it('CP-C20: RETRY of all actions', () => {
    const story = failed({ result: 'RETRY', retryConfiguration: { retryMode: 'ALL_ACTIONS' } });
    expect(names(story)).toEqual(['A', 'B']);
  });

  it('CP-C20: the stage with the sources may retry too', () => {
    const story = new Story(
      pipelineOf([
        { ...stage('Source', source()), onFailure: { result: 'RETRY' } },
        stage('Prod', build('A')),
      ]),
    );
    story.begin('e');
    story.fails('e', 'Source');
    expect(names(story)).toEqual(['Source']);
  });

  it('CP-C23: ROLLBACK without an execution to go back to stays a failure, and says so', () => {
    const story = failed({ result: 'ROLLBACK' });
    expect(story.status('e')).toBe('Failed');
    expect(story.execution('e').statusSummary).toContain('was not rolled back');
    expect(story.snapshot.executions).toHaveLength(1);
  });

  it('CP-C22, CP-C23: ROLLBACK has the lock before those that wait; one that fails has none of its own', () => {
    const story = arrived({ onFailure: { result: 'ROLLBACK' } });
    for (const name of ['A', 'B', 'C']) story.ends('e', name);
    for (const id of ['f', 'g']) {
      story.begin(id);
      story.ends(id, 'Source');
    }
    story.fails('f', 'A');
    story.ends('f', 'B');
    const rolled = story.snapshot.executions.find(({ type }) => type === 'ROLLBACK');
    const id = rolled?.executionId ?? '';
    expect(story.running().map((a) => a.executionId)).toEqual([id, id]);
    expect(story.execution('g').position?.phase).toBe('waiting');
    story.fails(id, 'A');
    story.fails(id, 'B');
    expect(story.status(id)).toBe('Failed');
    expect(story.running().map((a) => a.executionId)).toEqual(['g', 'g']);
  });

  it('CP-C25: its condition decides whether the result engages', () => {
    const onFailure = { result: 'RETRY', ...conditions(undefined, rule()) };
    const story = failed(onFailure);
    expect(names(story)).toEqual(['Check']);
    story.ends('e', 'Check');
    expect(story.status('e')).toBe('Failed');
    const other = failed(onFailure);
    other.fails('e', 'Check');
    expect(names(other)).toEqual(['A']);
  });

  it('CP-C24: SKIP leads on', () => {
    const story = failed(conditions('SKIP', rule()));
    story.fails('e', 'Check');
    expect(story.stageStatus('e', 'Prod')).toBe('Skipped');
    expect(names(story)).toEqual(['C']);
  });
});

describe('OverrideStageCondition', () => {
  const request = (member: OverrideRequest['member'], executionId = 'e') => ({
    ...{ stageName: 'Prod', executionId, member },
  });
  const entry = conditions('FAIL', rule());

  it('CP-C26: an entry condition that failed', () => {
    const story = arrived({ beforeEntry: entry });
    story.fails('e', 'Check');
    story.do((d) => override(d, request('beforeEntry')));
    expect(condition(story, 'beforeEntry')).toBe('Overridden');
    expect(names(story)).toEqual(['A', 'B']);
    expect(story.events.filter((e) => /RESUMED/.test(e))).toEqual(['RESUMED', 'Prod/RESUMED']);
  });

  it('CP-C26: one that is still evaluated', () => {
    const story = arrived({ beforeEntry: entry });
    story.do((d) => override(d, request('beforeEntry')));
    expect(story.action('e', 'Check').status).toBe('Abandoned');
    expect(names(story)).toEqual(['A', 'B']);
  });

  it('CP-C26: a success condition', () => {
    const story = arrived({ onSuccess: entry });
    story.ends('e', 'A');
    story.ends('e', 'B');
    story.fails('e', 'Check');
    story.do((d) => override(d, request('onSuccess')));
    expect(story.stageStatus('e', 'Prod')).toBe('Succeeded');
    expect(names(story)).toEqual(['C']);
  });

  it('CP-C26: refuses what cannot be overridden', () => {
    const story = arrived({ beforeEntry: entry });
    const attempt = (...given: Parameters<typeof request>) =>
      story.do((d) => override(d, request(...given)));
    expect(() => attempt('onSuccess')).toThrow(thrown('ConditionNotOverridable'));
    expect(() => attempt('beforeEntry', 'other')).toThrow(thrown('NotLatestPipelineExecution'));
    story.do((d) => stop(d, { executionId: 'e', abandon: false }));
    expect(() => attempt('beforeEntry')).toThrow(thrown('Conflict'));
    story.ends('e', 'Check');
    expect(() => attempt('beforeEntry')).toThrow(thrown('ConditionNotOverridable'));
    expect(() =>
      story.do((d) => override(d, { ...request('beforeEntry'), stageName: 'None' })),
    ).toThrow(thrown('StageNotFound'));
  });

  it('CP-C26: refuses a condition whose result is SKIP', () => {
    const story = arrived({ beforeEntry: conditions('SKIP', rule()) });
    expect(() => story.do((d) => override(d, request('beforeEntry')))).toThrow(
      thrown('ConditionNotOverridable'),
    );
  });

  it('CP-C26: finds no room in PARALLEL mode', () => {
    const story = arrived({ beforeEntry: entry }, 'e', { executionMode: 'PARALLEL' });
    story.fails('e', 'Check');
    for (let i = 0; i < 50; i++) story.begin(`e${i}`);
    expect(() => story.do((d) => override(d, request('beforeEntry')))).toThrow(
      thrown('ConcurrentPipelineExecutionsLimitExceeded'),
    );
  });
});

describe('RollbackStage', () => {
  const request = (targetId: string, stageName = 'Prod') => ({
    ...{ executionId: 'back', stageName, targetId, by: 'me' },
  });
  function done(more = {}) {
    const story = arrived({}, 'e', more);
    for (const name of ['A', 'B', 'C']) story.ends('e', name);
    return story;
  }
  const attempt = (story: Story, ...given: Parameters<typeof request>) =>
    story.do((d) => rollBack(d, request(...given)));

  it('CP-C21: is an execution of that stage alone, with what the target had', () => {
    const story = done();
    story.begin('f');
    for (const name of ['Source', 'A', 'B']) story.ends('f', name);
    story.transition('Prod', false);
    attempt(story, 'e');
    expect(story.execution('back')).toMatchObject({
      type: 'ROLLBACK',
      rollbackTarget: 'e',
      trigger: { triggerType: 'ManualRollback', triggerDetail: 'me' },
      artifacts: story.execution('e').artifacts,
      revisions: story.execution('e').revisions,
    });
    expect(story.action('back', 'A').input.inputArtifacts).toEqual(
      story.action('e', 'A').input.inputArtifacts,
    );
    story.ends('back', 'A');
    story.ends('back', 'B');
    expect(story.status('back')).toBe('Succeeded');
    expect(() => attempt(story, 'back')).toThrow(thrown('UnableToRollbackStage'));
  });

  it('CP-C22: refuses what cannot be gone back to', () => {
    const story = done();
    expect(() => attempt(story, 'e', 'None')).toThrow(thrown('StageNotFound'));
    expect(() => attempt(story, 'none')).toThrow(thrown('PipelineExecutionNotFound'));
    expect(() => attempt(story, 'e', 'Source')).toThrow(thrown('UnableToRollbackStage'));
    story.begin('f');
    story.ends('f', 'Source');
    expect(() => attempt(story, 'f')).toThrow(thrown('UnableToRollbackStage'));
    expect(() => attempt(story, 'e')).toThrow('is in progress in it');
    story.do((d) => stop(d, { executionId: 'f', abandon: false }));
    expect(() => attempt(story, 'e')).toThrow(thrown('Conflict'));
    story.update(story.snapshot.pipeline.declaration);
    expect(() => attempt(story, 'e')).toThrow(thrown('PipelineExecutionOutdated'));
  });

  it('CP-C6, CP-C22: not in PARALLEL mode', () => {
    const story = done({ executionMode: 'PARALLEL' });
    expect(() => attempt(story, 'e')).toThrow(thrown('UnableToRollbackStage'));
  });

  it('CP-C15: is stopped and retried as any other', () => {
    const story = done();
    attempt(story, 'e');
    story.do((d) => stop(d, { executionId: 'back', abandon: true }));
    expect(story.status('back')).toBe('Stopped');
    story.do((d) => retry(d, { stageName: 'Prod', executionId: 'back', mode: 'FAILED_ACTIONS' }));
    for (const run of story.running())
      story.do((d) => report(d, run.actionExecutionId, { state: 'succeeded' }));
    expect(story.status('back')).toBe('Succeeded');
    story.do((d) =>
      setTransition(d, { stageName: 'After', side: 'Inbound', enabled: true, by: 'me' }),
    );
    expect(Object.keys(story.execution('back').stages)).toEqual(['Prod']);
  });
});
