import { describe, expect, it } from 'vitest';
import { takeStep } from '../../../engine/machine.ts';
import { approve, cancelAll, start, stop } from './commands.ts';
import { retry } from './retry.ts';
import {
  approval,
  build,
  decisions,
  pipelineOf,
  Story,
  source,
  stage,
  trigger,
} from './testing.ts';

const simple = () =>
  new Story(
    pipelineOf([stage('Source', source()), stage('Build', build()), stage('Go', approval())]),
  );

describe('order', () => {
  it('CP-C1: runs groups one after another, and the actions of a group at the same time', () => {
    const story = new Story(
      pipelineOf([
        stage('Source', source()),
        stage(
          'Build',
          build('C', { runOrder: 7 }),
          build('A', { runOrder: 2 }),
          build('B', { runOrder: 2 }),
        ),
      ]),
    );
    story.begin('e');
    story.ends('e', 'Source');
    expect(story.running().map((a) => a.actionName)).toEqual(['A', 'B']);
    story.ends('e', 'B');
    expect(story.running().map((a) => a.actionName)).toEqual(['A']);
    story.ends('e', 'A');
    expect(story.running().map((a) => a.actionName)).toEqual(['C']);
    story.ends('e', 'C');
    expect(story.status('e')).toBe('Succeeded');
    expect(story.started).toHaveLength(4);
  });

  it('CP-C1: lets running siblings of a failed action finish, and starts no later group', () => {
    const story = new Story(
      pipelineOf([
        stage('Source', source()),
        stage('Build', build('A'), build('B'), build('C', { runOrder: 2 })),
      ]),
    );
    story.begin('e');
    story.ends('e', 'Source');
    story.fails('e', 'A');
    expect(story.status('e')).toBe('InProgress');
    story.ends('e', 'B');
    expect(story.status('e')).toBe('Failed');
    expect(story.stageStatus('e', 'Build')).toBe('Failed');
    expect(story.action('e', 'C')).toBeUndefined();
  });

  it('CP-C56, CP-C57, CP-C58: tells of everything once', () => {
    const story = simple();
    story.begin('e');
    story.ends('e', 'Source');
    story.fails('e', 'Build');
    expect(story.events).toEqual([
      'STARTED',
      'Source/STARTED',
      'Source/Source/STARTED',
      'Source/Source/SUCCEEDED',
      'Source/SUCCEEDED',
      'Build/STARTED',
      'Build/Build/STARTED',
      'Build/Build/FAILED',
      'Build/FAILED',
      'FAILED',
    ]);
  });

  it('is pure: the same snapshot gives the same step, and is left as it was', () => {
    const story = simple();
    story.begin('e');
    const before = structuredClone(story.snapshot);
    const steps = [1, 2].map(
      () => takeStep(decisions, story.snapshot, story.now + 9e9, () => undefined).step,
    );
    expect(steps[0]).toEqual(steps[1]);
    expect(story.snapshot).toEqual(before);
  });
});

describe('locks and superseding', () => {
  it('CP-C2, CP-C3: holds a second execution before a stage until the first has left it', () => {
    const story = simple();
    story.begin('one');
    story.begin('two');
    expect(story.execution('two').position).toMatchObject({ stage: 'Source', phase: 'waiting' });
    story.ends('one', 'Source');
    expect(story.execution('two').position).toMatchObject({ stage: 'Source', phase: 'inside' });
    story.ends('two', 'Source');
    expect(story.execution('two').position).toMatchObject({ stage: 'Build', phase: 'waiting' });
    story.fails('one', 'Build');
    expect(story.execution('two').position).toMatchObject({ stage: 'Build', phase: 'inside' });
  });

  it('CP-C4: a newer execution supersedes the one that waits, and only that one', () => {
    const story = simple();
    for (const id of ['one', 'two', 'three']) {
      story.begin(id);
      story.ends(id, 'Source');
    }
    expect(['one', 'two', 'three'].map((id) => story.status(id))).toEqual([
      'InProgress',
      'Superseded',
      'InProgress',
    ]);
    expect(() =>
      story.do((d) => retry(d, { stageName: 'Source', executionId: 'two', mode: 'ALL_ACTIONS' })),
    ).toThrow(/not the latest/);
  });

  it('CP-C3: a pending approval keeps its stage locked', () => {
    const story = simple();
    story.begin('one');
    story.ends('one', 'Source');
    story.ends('one', 'Build');
    story.begin('two');
    story.ends('two', 'Source');
    story.ends('two', 'Build');
    expect(story.execution('two').position).toMatchObject({ stage: 'Go', phase: 'waiting' });
  });
});

describe('transitions', () => {
  it('CP-C12, CP-C14: a closed one holds, and the latest waiter enters when it opens', () => {
    const story = simple();
    story.transition('Build', false);
    for (const id of ['one', 'two']) {
      story.begin(id);
      story.ends(id, 'Source');
    }
    expect(story.status('one')).toBe('Superseded');
    expect(story.running()).toEqual([]);
    story.transition('Build', true);
    expect(story.execution('two').position).toMatchObject({ stage: 'Build', phase: 'inside' });
  });

  it('CP-C12: the outbound side of the stage before holds as well', () => {
    const story = simple();
    story.transition('Source', false, 'Outbound');
    story.begin('e');
    story.ends('e', 'Source');
    expect(story.execution('e').position).toMatchObject({ stage: 'Build', phase: 'waiting' });
    story.transition('Source', true, 'Outbound');
    expect(story.execution('e').position?.phase).toBe('inside');
  });

  it('CP-C12: closing it does not stop what is inside', () => {
    const story = simple();
    story.begin('e');
    story.ends('e', 'Source');
    story.transition('Build', false);
    story.ends('e', 'Build');
    expect(story.execution('e').position?.stage).toBe('Go');
  });

  it('CP-C13: a waiting execution can be stopped, and never enters then', () => {
    const story = simple();
    story.transition('Build', false);
    story.begin('e');
    story.ends('e', 'Source');
    story.do((d) => stop(d, { executionId: 'e', abandon: false }));
    expect(story.status('e')).toBe('Stopped');
    story.transition('Build', true);
    expect(story.running()).toEqual([]);
    const again = () =>
      story.do((d) => retry(d, { stageName: 'Source', executionId: 'e', mode: 'FAILED_ACTIONS' }));
    expect(again).toThrow(/cannot be retried/);
  });

  it('CP-C14: after more than 30 days nothing resumes by itself, but a new execution goes on', () => {
    const story = simple();
    story.transition('Build', false);
    story.begin('one');
    story.ends('one', 'Source');
    story.now += 31 * 24 * 3600_000;
    story.transition('Build', true);
    expect(story.execution('one').position?.phase).toBe('waiting');
    story.begin('two');
    story.ends('two', 'Source');
    expect(story.status('one')).toBe('Superseded');
    expect(story.execution('two').position?.phase).toBe('inside');
  });
});

describe('stopping', () => {
  it('CP-C15: stop and wait lets the action end with its real result, and starts no more', () => {
    const story = simple();
    story.begin('e');
    story.ends('e', 'Source');
    story.do((d) => stop(d, { executionId: 'e', abandon: false, reason: 'why' }));
    expect([story.status('e'), story.stageStatus('e', 'Build')]).toEqual(['Stopping', 'Stopping']);
    expect(() => story.do((d) => stop(d, { executionId: 'e', abandon: false }))).toThrow(
      expect.objectContaining({ name: 'DuplicatedStopRequestException' }),
    );
    story.ends('e', 'Build');
    expect(story.action('e', 'Build').status).toBe('Succeeded');
    expect([story.status('e'), story.stageStatus('e', 'Build')]).toEqual(['Stopped', 'Stopped']);
    expect(story.execution('e').stopReason).toBe('why');
    expect(() => story.do((d) => stop(d, { executionId: 'e', abandon: true }))).toThrow(
      expect.objectContaining({ name: 'PipelineExecutionNotStoppableException' }),
    );
  });

  it('CP-C15: an action that fails or whose time is up under a stop leaves the execution Stopped', () => {
    for (const end of ['fails', 'late'] as const) {
      const story = simple();
      story.begin('e');
      story.ends('e', 'Source');
      story.do((d) => stop(d, { executionId: 'e', abandon: false }));
      if (end === 'fails') story.fails('e', 'Build');
      else {
        story.now += 8 * 60 * 60_000;
        story.do(() => undefined);
      }
      expect(story.action('e', 'Build').status).toBe('Failed');
      expect([story.status('e'), story.stageStatus('e', 'Build')]).toEqual(['Stopped', 'Stopped']);
    }
  });

  it('CP-C16: abandoning ends it at once, also while it stops, and unlocks the stage', () => {
    const story = simple();
    story.begin('one');
    story.ends('one', 'Source');
    story.begin('two');
    story.ends('two', 'Source');
    story.do((d) => stop(d, { executionId: 'one', abandon: false }));
    story.do((d) => stop(d, { executionId: 'one', abandon: true }));
    expect(story.status('one')).toBe('Stopped');
    expect(story.action('one', 'Build').status).toBe('Abandoned');
    expect(story.execution('two').position).toMatchObject({ stage: 'Build', phase: 'inside' });
    story.ends('one', 'Build');
    expect(story.action('one', 'Build').status).toBe('Abandoned');
  });

  it('CP-C17: a stopped stage can be retried: what was abandoned runs again', () => {
    const story = simple();
    story.begin('e');
    story.ends('e', 'Source');
    story.do((d) => stop(d, { executionId: 'e', abandon: true }));
    story.do((d) => retry(d, { stageName: 'Build', executionId: 'e', mode: 'FAILED_ACTIONS' }));
    expect(story.action('e', 'Build')).toMatchObject({ status: 'InProgress', attempt: 2 });
    story.ends('e', 'Build');
    expect(story.execution('e').position?.stage).toBe('Go');
  });
});

describe('retrying', () => {
  const parallel = () =>
    new Story(
      pipelineOf([
        stage('Source', source()),
        stage('Build', build('A'), build('B'), build('C', { runOrder: 2 })),
      ]),
    );

  it('CP-C18: FAILED_ACTIONS runs only what failed, then goes on', () => {
    const story = parallel();
    story.begin('e');
    story.ends('e', 'Source');
    story.ends('e', 'A');
    story.fails('e', 'B');
    story.do((d) => retry(d, { stageName: 'Build', executionId: 'e', mode: 'FAILED_ACTIONS' }));
    expect(story.running().map((a) => a.actionName)).toEqual(['B']);
    expect(story.execution('e').stages.Build?.manualRetries).toBe(1);
    story.ends('e', 'B');
    story.ends('e', 'C');
    expect(story.status('e')).toBe('Succeeded');
    expect(story.events.filter((e) => e.endsWith('RESUMED'))).toEqual(['RESUMED', 'Build/RESUMED']);
  });

  it('CP-C18: FAILED_ACTIONS is allowed while siblings still run; ALL_ACTIONS is not', () => {
    const story = parallel();
    story.begin('e');
    story.ends('e', 'Source');
    story.fails('e', 'B');
    const all = () =>
      story.do((d) => retry(d, { stageName: 'Build', executionId: 'e', mode: 'ALL_ACTIONS' }));
    expect(all).toThrow(/in progress/);
    story.do((d) => retry(d, { stageName: 'Build', executionId: 'e', mode: 'FAILED_ACTIONS' }));
    expect(story.running().map((a) => a.actionName)).toEqual(['A', 'B']);
  });

  it('CP-C18: ALL_ACTIONS begins the stage anew and keeps the history', () => {
    const story = parallel();
    story.begin('e');
    story.ends('e', 'Source');
    story.ends('e', 'A');
    story.fails('e', 'B');
    story.do((d) => retry(d, { stageName: 'Build', executionId: 'e', mode: 'ALL_ACTIONS' }));
    expect(story.running().map((a) => a.actionName)).toEqual(['A', 'B']);
    const runs = story.snapshot.actions.filter((a) => a.stageName === 'Build');
    expect(new Set(runs.map((a) => a.actionExecutionId)).size).toBe(4);
  });

  it('CP-C19: not when a later execution has been in the stage', () => {
    const story = parallel();
    for (const id of ['one', 'two']) {
      story.begin(id);
      story.ends(id, 'Source');
      if (id === 'one') {
        story.ends(id, 'A');
        story.fails(id, 'B');
      }
    }
    expect(() =>
      story.do((d) => retry(d, { stageName: 'Build', executionId: 'one', mode: 'FAILED_ACTIONS' })),
    ).toThrow(expect.objectContaining({ name: 'NotLatestPipelineExecutionException' }));
  });

  it('CP-C19: not when nothing failed', () => {
    const story = parallel();
    story.begin('e');
    expect(() =>
      story.do((d) => retry(d, { stageName: 'Source', executionId: 'e', mode: 'FAILED_ACTIONS' })),
    ).toThrow(expect.objectContaining({ name: 'StageNotRetryableException' }));
  });
});

describe('updating', () => {
  it('CP-A44: cancels what runs and what waits', () => {
    const story = simple();
    story.begin('one');
    story.ends('one', 'Source');
    story.begin('two');
    story.ends('two', 'Source');
    story.do(cancelAll);
    expect([story.status('one'), story.status('two')]).toEqual(['Cancelled', 'Cancelled']);
    expect(story.stageStatus('one', 'Build')).toBe('Cancelled');
    expect(story.events.filter((e) => e.endsWith('CANCELED'))).toEqual([
      'Build/Build/CANCELED',
      'Build/CANCELED',
      'CANCELED',
      'CANCELED',
    ]);
  });

  it('CP-C19: makes stages of older executions not retryable', () => {
    const story = simple();
    story.begin('e');
    story.fails('e', 'Source');
    story.snapshot.pipeline.version = 2;
    expect(() =>
      story.do((d) => retry(d, { stageName: 'Source', executionId: 'e', mode: 'ALL_ACTIONS' })),
    ).toThrow(/structure of the pipeline has changed/);
  });
});

describe('approvals and time-outs', () => {
  const waiting = (timeoutInMinutes?: number) => {
    const story = new Story(
      pipelineOf([stage('Source', source()), stage('Go', approval('Go', { timeoutInMinutes }))]),
    );
    story.begin('e');
    story.ends('e', 'Source');
    story.ends('e', 'Go', { state: 'running', progress: { token: 't' } });
    return story;
  };
  const answer = (story: Story, approved: boolean, token = 't') =>
    story.do((d) =>
      approve(d, { stageName: 'Go', actionName: 'Go', token, approved, summary: 's', by: 'me' }),
    );

  it('CP-C30: Approved lets it go on, Rejected fails it; who and why is kept', () => {
    for (const [approved, status] of [
      [true, 'Succeeded'],
      [false, 'Failed'],
    ] as const) {
      const story = waiting();
      answer(story, approved);
      expect(story.status('e')).toBe(status);
      expect(story.action('e', 'Go')).toMatchObject({
        status,
        updatedBy: 'me',
        progress: { summary: 's' },
      });
    }
  });

  it('CP-C30: a second answer and a wrong token are refused', () => {
    const story = waiting();
    expect(() => answer(story, true, 'x')).toThrow(
      expect.objectContaining({ name: 'InvalidApprovalTokenException' }),
    );
    answer(story, true);
    expect(() => answer(story, false)).toThrow(
      expect.objectContaining({ name: 'ApprovalAlreadyCompletedException' }),
    );
  });

  it('CP-C30, CP-A15: fails when its time is over, and its token then is invalid', () => {
    const story = waiting(5);
    expect(story.steps.at(-1)?.wakeAt).toBe(story.action('e', 'Go').startTime + 300_000);
    story.now += 300_000;
    story.do(() => undefined);
    expect(story.status('e')).toBe('Failed');
    expect(story.action('e', 'Go').errorDetails?.message).toContain('5 minutes');
    expect(() => answer(story, true)).toThrow(
      expect.objectContaining({ name: 'InvalidApprovalTokenException' }),
    );
  });

  it('CP-B29: has seven days when none is given', () => {
    const story = waiting();
    const { deadline, startTime } = story.action('e', 'Go');
    expect(deadline - startTime).toBe(7 * 24 * 3600_000);
  });
});

describe('variables and artifacts', () => {
  const configured = (ProjectName: string) =>
    new Story(
      pipelineOf(
        [
          stage('Source', source('Source', { namespace: 'src' })),
          stage('Build', build('Build', { configuration: { ProjectName } })),
        ],
        { variables: [{ name: 'ENV', defaultValue: 'dev' }] },
      ),
    );

  it('CP-C32, CP-C33: are resolved right before the action', () => {
    const story = configured(
      '#{src.CommitId}-#{variables.ENV}-#{codepipeline.PipelineExecutionId}',
    );
    story.begin('e');
    story.ends('e', 'Source', { state: 'succeeded', outputVariables: { CommitId: 'abc' } });
    expect(story.action('e', 'Build').input).toMatchObject({
      configuration: {
        ProjectName: '#{src.CommitId}-#{variables.ENV}-#{codepipeline.PipelineExecutionId}',
      },
      resolvedConfiguration: { ProjectName: 'abc-dev-e' },
    });
  });

  it('CP-C32: an action whose variable has no value fails and is never started', () => {
    const story = configured('#{src.Missing}');
    story.begin('e');
    story.ends('e', 'Source');
    expect(story.status('e')).toBe('Failed');
    expect(story.action('e', 'Build').errorDetails?.message).toContain('#{src.Missing}');
    expect(story.started).toHaveLength(1);
  });

  it('CP-C9: variables of the start are taken, unknown ones and missing ones refused', () => {
    const story = configured('#{variables.ENV}');
    const begin = (name: string) =>
      story.do((d) =>
        start(d, { executionId: 'e', trigger, variables: [{ name, value: 'prod' }] }),
      );
    expect(() => begin('OTHER')).toThrow(/does not declare/);
    begin('ENV');
    expect(story.execution('e').variables).toEqual({ ENV: 'prod' });
  });

  it('CP-C34: artifacts have keys of cut names and seven characters, and reach later actions', () => {
    const story = new Story(
      pipelineOf(
        [
          stage('S', source('S', { outputArtifacts: [{ name: 'SourceArtifact' }] })),
          stage('B', build('B', { inputArtifacts: [{ name: 'SourceArtifact' }] })),
        ],
        { name: 'a-pipeline-with-a-long-name' },
      ),
    );
    story.begin('e');
    const [output] = story.action('e', 'S').outputArtifacts;
    expect(output?.key).toMatch(/^a-pipeline-with-a-lo\/SourceArti\/[A-Za-z0-9]{7}$/);
    story.ends('e', 'S', { state: 'succeeded', revision: { revisionId: 'abc' } });
    expect(story.action('e', 'B').input.inputArtifacts).toEqual([{ ...output, revisionId: 'abc' }]);
    expect(story.execution('e').revisions).toEqual([
      { name: 'SourceArtifact', actionName: 'S', revisionId: 'abc' },
    ]);
  });

  it('CP-C36: an action of another region has a copy of its inputs in the store there, by the same key', () => {
    const store = (location: string) => ({ type: 'S3', location });
    const story = new Story(
      pipelineOf(
        [
          stage('S', source('S')),
          stage(
            'B',
            build('There', {
              region: 'eu-west-1',
              inputArtifacts: [{ name: 'SOut' }],
              outputArtifacts: [{ name: 'Out' }],
            }),
            build('Here', { inputArtifacts: [{ name: 'SOut' }] }),
          ),
          stage('T', build('Back', { inputArtifacts: [{ name: 'Out' }] })),
        ],
        {
          artifactStore: undefined,
          artifactStores: { 'us-east-1': store('home'), 'eu-west-1': store('away') },
        },
      ),
    );
    story.begin('e');
    story.ends('e', 'S');
    const inputOf = (name: string) => story.action('e', name).input.inputArtifacts;
    const [made] = story.action('e', 'S').outputArtifacts;
    expect(inputOf('Here')).toEqual([made]);
    expect(inputOf('There')).toEqual([{ ...made, bucket: 'away', copyOf: 'home' }]);
    const [out] = story.action('e', 'There').outputArtifacts;
    expect(out?.bucket).toBe('away');
    for (const name of ['There', 'Here']) story.ends('e', name);
    expect(inputOf('Back')).toEqual([{ ...out, bucket: 'home', copyOf: 'away' }]);
  });

  it('CP-A24: too many bytes of output variables fail the action', () => {
    const story = configured('x');
    story.begin('e');
    story.ends('e', 'Source', { state: 'succeeded', outputVariables: { A: 'x'.repeat(130_000) } });
    expect(story.action('e', 'Source').errorDetails?.code).toBe('OutputVariablesSizeExceeded');
    expect(story.status('e')).toBe('Failed');
  });
});
