import { describe, expect, it } from 'vitest';
import type { ActionType, Job } from '../action-type.ts';
import { cloudWatchAlarm } from './cloudwatch-alarm.ts';
import { codeBuildRule } from './codebuild.ts';
import { commandsRule } from './commands.ts';
import { deploymentWindow, isOpen } from './deployment-window.ts';
import { lambdaInvoke } from './lambda-invoke.ts';
import { variableCheck } from './variable-check.ts';

const signal = new AbortController().signal;
const BEGAN = Date.UTC(2026, 10, 27, 9, 30, 12); // a Friday

type Answer = (input: Record<string, unknown>) => unknown;

/** Evaluates a rule with a service that gives this answer. */
function evaluate(
  type: ActionType,
  configuration: Record<string, string>,
  { answer = () => ({}), now = BEGAN }: { answer?: Answer; now?: number } = {},
) {
  const service = {
    send: async ({ input }: { input: Record<string, unknown> }) => answer(input),
  };
  const job = {
    type,
    pipeline: { name: 'web', accountId: '1', declaration: { roleArn: 'R' } },
    store: { type: 'S3', location: 'bucket' },
    run: {
      actionExecutionId: 'id-1',
      actionName: 'Check',
      startTime: BEGAN,
      progress: {},
      outputArtifacts: [],
      input: {
        configuration,
        resolvedConfiguration: configuration,
        own: { commands: ['make check'] },
        inputArtifacts: [{ name: 'App', bucket: 'b', key: 'k', revisionId: 'r' }],
      },
    },
    now: () => now,
    ...{ client: () => service, itself: () => service },
  } as unknown as Job;
  return type.start(job, signal);
}

const failed = (message: unknown = expect.any(String)) =>
  expect.objectContaining({ state: 'failed', code: 'JobFailed', message });
const succeeded = expect.objectContaining({ state: 'succeeded' });

describe('VariableCheck', () => {
  it.each([
    ['main', 'EQ', 'main', true],
    ['main', 'EQ', 'Main', false],
    ['main', 'NE', 'dev', true],
    ['main', 'NE', 'main', false],
    ['release-12', 'CONTAINS', 'lease', true],
    ['release-12', 'CONTAINS', 'Lease', false],
    ['release-12', 'MATCHES', 'release-\\d+', true],
    ['release-12', 'MATCHES', 'lease', false],
  ])('CP-C28: %s %s %s is %s', async (Variable, Operator, Value, holds) => {
    const outcome = await evaluate(variableCheck, { Variable, Operator, Value });
    expect(outcome).toEqual(holds ? succeeded : failed());
  });

  it('CP-C28: an expression from a variable that is none', async () => {
    const configuration = { Variable: 'a', Operator: 'MATCHES', Value: '(' };
    await expect(evaluate(variableCheck, configuration)).rejects.toMatchObject({
      code: 'ConfigurationError',
    });
  });
});

describe('DeploymentWindow', () => {
  it.each([
    ['* * 9-17 ? * MON-FRI', 'UTC', true],
    ['* * 9-17 ? * MON-FRI *', 'UTC', true],
    ['* 30 9 ? * 6', 'UTC', true],
    ['* 31 9 ? * *', 'UTC', false],
    ['* * 9-17 ? * SAT,SUN', 'UTC', false],
    ['* * 9-17 ? * MON-FRI', 'America/New_York', false],
    ['* * 4 27W 11 ? 2026', 'America/New_York', true],
    ['* * * ? * 6#4', 'UTC', true],
    ['* * * ? * 6L', 'UTC', true],
    ['* * * L * ?', 'UTC', false],
    ['* * * ? * * 2027', 'UTC', false],
  ])(
    'CP-C28: %s (%s) is %s on Friday, 27 November 2026, 9:30:12 UTC',
    async (Cron, TimeZone, open) => {
      expect(isOpen(Cron, TimeZone, BEGAN)).toBe(open);
      const outcome = await evaluate(deploymentWindow, { Cron, TimeZone });
      expect(outcome).toEqual(open ? succeeded : failed());
    },
  );
});

describe('CloudWatchAlarm', () => {
  const alarm = (StateValue: string) => ({
    answer: () => ({ MetricAlarms: [{ AlarmName: 'a', StateValue }] }),
  });

  it('CP-C28: an alarm that is not in a state named', async () => {
    expect(await evaluate(cloudWatchAlarm, { AlarmName: 'a' }, alarm('OK'))).toEqual(succeeded);
    const bad = await evaluate(cloudWatchAlarm, { AlarmName: 'a' }, alarm('ALARM'));
    expect(bad).toEqual(failed("The alarm 'a' is in the state ALARM"));
    const configuration = { AlarmName: 'a', AlarmStates: 'ALARM, INSUFFICIENT_DATA' };
    const unknown = await evaluate(cloudWatchAlarm, configuration, alarm('INSUFFICIENT_DATA'));
    expect(unknown).toEqual(failed());
  });

  it('CP-C28: is watched for WaitTime', async () => {
    const configuration = { AlarmName: 'a', WaitTime: '10' };
    const at = (minutes: number, state: string) =>
      evaluate(cloudWatchAlarm, configuration, { ...alarm(state), now: BEGAN + minutes * 60_000 });
    const progress = { externalExecutionId: 'a' };
    expect(await at(9, 'OK')).toEqual({ state: 'running', progress });
    expect(await at(9, 'ALARM')).toEqual(failed());
    expect(await at(10, 'OK')).toEqual(succeeded);
  });

  it('CP-C28: an alarm that does not exist', async () => {
    const none = evaluate(cloudWatchAlarm, { AlarmName: 'a' });
    await expect(none).rejects.toMatchObject({ code: 'ConfigurationError' });
  });
});

describe('LambdaInvoke', () => {
  const configuration = { FunctionName: 'f', UserParameters: 'p' };

  it('CP-C28: a function that returns, called with the event of the action', async () => {
    let event: unknown;
    const answer: Answer = ({ Payload }) => {
      event = JSON.parse(Buffer.from(Payload as Uint8Array).toString());
      return { StatusCode: 200, $metadata: { requestId: 'q' } };
    };
    const outcome = await evaluate(lambdaInvoke, configuration, { answer });
    expect(outcome).toEqual({ state: 'succeeded', progress: { externalExecutionId: 'q' } });
    expect(event).toMatchObject({
      'CodePipeline.job': {
        id: 'id-1',
        accountId: '1',
        data: {
          actionConfiguration: { configuration },
          inputArtifacts: [
            { name: 'App', location: { s3Location: { bucketName: 'b', objectKey: 'k' } } },
          ],
        },
      },
    });
  });

  it('CP-C28: a function that throws', async () => {
    const Payload = Buffer.from('{"errorMessage":"not today"}');
    const answer = () => ({ FunctionError: 'Unhandled', Payload, $metadata: {} });
    const outcome = await evaluate(lambdaInvoke, configuration, { answer });
    expect(outcome).toEqual(failed(expect.stringContaining('not today')));
  });

  it('CP-C28: where nobody serves functions, the setting is named', async () => {
    const answer = () => {
      throw Object.assign(new Error('no'), {
        name: 'NotImplemented',
        $metadata: { httpStatusCode: 501 },
      });
    };
    await expect(evaluate(lambdaInvoke, configuration, { answer })).rejects.toMatchObject({
      code: 'ConfigurationError',
      message: expect.stringContaining('SLIPWAY_UPSTREAM_LAMBDA'),
    });
  });
});

describe('Commands', () => {
  it('CP-C28: a build without a project, under the role of the rule', async () => {
    let asked: unknown;
    const answer: Answer = (input) => {
      asked = input;
      return { build: { id: 'p:1', buildStatus: 'IN_PROGRESS' } };
    };
    const outcome = await evaluate(commandsRule, {}, { answer });
    expect(outcome).toMatchObject({ state: 'running', progress: { externalExecutionId: 'p:1' } });
    expect(asked).toMatchObject({
      projectName: 'codepipeline/web',
      serviceRoleOverride: 'R',
      buildspecOverride: expect.stringContaining('"commands":["make check"]'),
    });
  });
});

describe('CodeBuild', () => {
  it('CP-C28: a build as the action has it', async () => {
    let asked: unknown;
    const answer: Answer = (input) => {
      asked = input;
      return { build: { id: 'p:1', buildStatus: 'IN_PROGRESS' } };
    };
    const outcome = await evaluate(codeBuildRule, { ProjectName: 'p' }, { answer });
    expect(outcome).toMatchObject({ state: 'running', progress: { externalExecutionId: 'p:1' } });
    expect(asked).toMatchObject({
      projectName: 'p',
      idempotencyToken: 'id-1',
      sourceLocationOverride: 'arn:aws:s3:::b/k',
      artifactsOverride: { type: 'CODEPIPELINE' },
    });
  });
});
