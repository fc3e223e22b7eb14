import { describe, expect, it } from 'vitest';
import { start, stop } from './commands.ts';
import { addressed, type PipelineEvent } from './events.ts';
import { type Outcome, report } from './outcome.ts';
import { retry } from './retry.ts';
import { Bench, build, pipelineOf, source, stage } from './testing.ts';

const declaration = () =>
  pipelineOf([stage('Source', source()), stage('Build', build('Build', { runOrder: 1 }))]);

/** A story whose events are kept whole. */
class Told extends Bench {
  get told(): PipelineEvent[] {
    return this.steps.flatMap(({ writes }) => writes.events);
  }
  details(kind: 'Pipeline' | 'Stage' | 'Action', state: string) {
    const type = `CodePipeline ${kind} Execution State Change`;
    return this.told
      .filter(({ detailType, detail }) => detailType === type && detail.state === state)
      .map(({ detail }) => detail);
  }
  begin() {
    const trigger = { triggerType: 'StartPipelineExecution', triggerDetail: 'arn:me' } as const;
    this.do((d) => start(d, { executionId: 'e', trigger }));
  }
  ends(action: string, outcome: Outcome = { state: 'succeeded' }) {
    const run = this.action('e', action);
    this.do((d) => report(d, run.actionExecutionId, outcome));
  }
}

const fails: Outcome = {
  state: 'failed',
  progress: { externalExecutionId: 'web:1', summary: 'Build terminated with state: FAILED' },
  code: 'JobFailed',
  message: 'no',
};

const ALWAYS = ['execution-id', 'pipeline', 'pipeline-execution-attempt', 'start-time', 'version'];
const members = (...more: string[]) => [...ALWAYS, ...more].sort();
const ACTION = ['action', 'action-execution-id', 'region', 'stage', 'state', 'type'];

// Members by the samples of
// https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html
describe('members of each event', () => {
  it.each([
    ['Pipeline', 'STARTED', members('execution-trigger', 'state')],
    ['Pipeline', 'FAILED', members('state')],
    ['Stage', 'STARTED', members('stage', 'state')],
    ['Stage', 'SUCCEEDED', members('stage', 'state')],
    ['Action', 'SUCCEEDED', members(...ACTION, 'execution-result', 'output-artifacts')],
    ['Action', 'FAILED', members(...ACTION, 'execution-result')],
  ] as const)('CP-C56, CP-C57, CP-C58: %s %s', (kind, state, expected) => {
    const story = new Told(declaration());
    story.begin();
    story.ends('Source');
    story.ends('Build', fails);
    const details = story.details(kind, state);
    expect(details.length).toBeGreaterThan(0);
    for (const detail of details) expect(Object.keys(detail).sort()).toEqual(expected);
  });

  it('CP-C56: who started it is told at the start alone, with the time as all events have it', () => {
    const story = new Told(declaration());
    story.begin();
    expect(story.details('Pipeline', 'STARTED')).toEqual([
      {
        pipeline: 'web',
        'execution-id': 'e',
        'start-time': '1970-01-01T00:16:41.000Z',
        'execution-trigger': {
          'trigger-type': 'StartPipelineExecution',
          'trigger-detail': 'arn:me',
        },
        state: 'STARTED',
        version: 1,
        'pipeline-execution-attempt': 1,
      },
    ]);
  });

  it('CP-C58: an action tells at its start what goes in, and at its end what came out', () => {
    const story = new Told(declaration());
    story.begin();
    story.ends('Source');
    const [, ofBuild] = story.details('Action', 'STARTED');
    const [ofSource] = story.details('Action', 'SUCCEEDED');
    const out = ofSource?.['output-artifacts'];
    expect(ofBuild?.['input-artifacts']).toEqual(out);
    expect(out).toEqual([
      { name: 'SourceOut', s3location: { bucket: 'artifacts', key: expect.any(String) } },
    ]);
    expect(ofBuild).toMatchObject({
      ...{ stage: 'Build', action: 'Build', region: 'us-east-1', version: 1 },
      type: { owner: 'AWS', provider: 'CodeBuild', category: 'Build', version: '1' },
    });
    expect(Object.keys(ofBuild ?? {}).sort()).toEqual(members(...ACTION, 'input-artifacts'));
  });

  it('CP-C58: why an action failed', () => {
    const story = new Told(declaration());
    story.begin();
    story.ends('Source');
    story.ends('Build', fails);
    const [failed] = story.details('Action', 'FAILED');
    expect(failed?.['execution-result']).toMatchObject({
      'external-execution-summary': 'Build terminated with state: FAILED',
      'external-execution-id': 'web:1',
      'error-code': 'JobFailed',
    });
    expect(addressed(failed ?? {}, 'http://here')['execution-result']).toMatchObject({
      'external-execution-url': expect.stringMatching(/^http:\/\/here\//),
    });
  });

  it('CP-C57: from a retry on, a stage tells when that was', () => {
    const story = new Told(declaration());
    story.begin();
    story.ends('Source');
    story.ends('Build', fails);
    story.do((d) => retry(d, { stageName: 'Build', executionId: 'e', mode: 'FAILED_ACTIONS' }));
    const at = new Date(story.now).toISOString();
    story.ends('Build');
    const retried = { 'stage-last-retry-attempt-time': at, 'pipeline-execution-attempt': 2 };
    expect(story.details('Stage', 'RESUMED')).toMatchObject([retried]);
    expect(story.details('Stage', 'SUCCEEDED').at(-1)).toMatchObject(retried);
    expect(story.details('Pipeline', 'RESUMED')).toMatchObject([
      { 'pipeline-execution-attempt': 2 },
    ]);
    expect(story.details('Action', 'STARTED').at(-1)).toMatchObject({
      'pipeline-execution-attempt': 2,
    });
  });

  it('CP-C56, CP-C58: a stop tells its reason; what is abandoned has no result', () => {
    const story = new Told(declaration());
    story.begin();
    story.ends('Source');
    story.do((d) => stop(d, { executionId: 'e', abandon: true, reason: 'an update' }));
    const [stopping] = story.details('Pipeline', 'STOPPING');
    expect(stopping).toMatchObject({ 'stop-execution-comments': 'an update' });
    expect(Object.keys(stopping ?? {}).sort()).toEqual(members('state', 'stop-execution-comments'));
    const [abandoned] = story.details('Action', 'ABANDONED');
    expect(Object.keys(abandoned ?? {}).sort()).toEqual(members(...ACTION));
  });
});
