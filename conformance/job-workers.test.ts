import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trust } from '../src/cli/demo/policies.ts';
import { aws, noAws } from './aws.ts';
import { eventually } from './eventually.ts';
import { type Finished, run } from './run.ts';
import { startServer, type TestServer } from './server.ts';

const root = join(import.meta.dirname, '..');

interface Job {
  id: string;
  nonce: string;
  accountId: string;
  data: {
    actionConfiguration: { configuration: Record<string, string> };
    artifactCredentials: Record<string, string>;
    continuationToken?: string;
    pipelineContext: Record<string, unknown>;
  };
}

/** Custom actions, their workers and webhooks by the aws command, against a server process. */
describe.skipIf(noAws)('job workers and webhooks by the aws command', () => {
  let server: TestServer;
  const workers: ChildProcess[] = [];

  beforeAll(async () => {
    server = await startServer();
    const cli = aws(server);
    await cli`iam create-role --role-name pipeline --assume-role-policy-document ${trust('codepipeline.amazonaws.com')}`;
    const all = { Effect: 'Allow', Action: '*', Resource: '*' };
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: all });
    await cli`iam put-role-policy --role-name pipeline --policy-name all --policy-document ${policy}`;
    await cli`s3api create-bucket --bucket artifacts`;
  });
  afterAll(async () => {
    for (const worker of workers) {
      worker.kill('SIGTERM');
      if (worker.exitCode === null) await once(worker, 'exit');
    }
    await server?.stop();
  });

  const file = (name: string, content: object) => {
    const path = join(server.dataDir, name);
    writeFileSync(path, JSON.stringify(content));
    return `file://${path}`;
  };

  const worker = (category: string, provider: string, ...args: string[]) => {
    const child = spawn(
      process.execPath,
      [
        ...[...process.execArgv, 'src/cli/main.ts', 'worker', '--category', category],
        ...['--provider', provider, '--version', '1', ...args],
      ],
      { cwd: root, env: { ...server.env, AWS_ENDPOINT_URL: server.endpoint }, stdio: 'pipe' },
    );
    workers.push(child);
    return child;
  };
  const ended = async (child: ChildProcess): Promise<Finished> => {
    let stderr = '';
    child.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    const [code] = await once(child, 'exit');
    return { code, stdout: '', stderr };
  };

  const typeOf = (category: string, provider: string) => ({
    ...{ category, owner: 'Custom', provider, version: '1' },
  });
  const createType = (category: string, provider: string, ...properties: object[]) =>
    aws(server)`codepipeline create-custom-action-type --cli-input-json ${file('type.json', {
      ...{ category, provider, version: '1', configurationProperties: properties },
      inputArtifactDetails: { minimumCount: 0, maximumCount: 5 },
      outputArtifactDetails: { minimumCount: 0, maximumCount: 5 },
    })}`;
  const createPipeline = (name: string, stages: object[]) =>
    aws(server)`codepipeline create-pipeline --cli-input-json ${file('pipeline.json', {
      pipeline: {
        name,
        roleArn: `arn:aws:iam::${server.accountId}:role/pipeline`,
        artifactStore: { type: 'S3', location: 'artifacts' },
        stages,
      },
    })}`;
  const stage = (name: string, action: object) => ({ name, actions: [{ name, ...action }] });
  const actionOf = async (pipeline: string, index: number) => {
    const state = (await aws(server)`codepipeline get-pipeline-state --name ${pipeline}`) as {
      stageStates: { actionStates: { latestExecution?: Record<string, unknown> }[] }[];
    };
    return state.stageStates[index]?.actionStates[0]?.latestExecution ?? {};
  };
  const endOf = (pipeline: string, index: number) =>
    eventually(`the end of stage ${index} of ${pipeline}`, async () => {
      const found = await actionOf(pipeline, index);
      return ['Succeeded', 'Failed'].includes(String(found.status)) && found;
    });

  test('the documented examples', async () => {
    const cli = aws(server);
    const { actionType } =
      (await cli`codepipeline create-custom-action-type --cli-input-json ${file(
        'MyCustomAction.json',
        {
          ...{ category: 'Build', provider: 'MyJenkinsProviderName', version: '1' },
          settings: {
            entityUrlTemplate: 'https://192.0.2.4/job/{Config:ProjectName}/',
            executionUrlTemplate:
              'https://192.0.2.4/job/{Config:ProjectName}/lastSuccessfulBuild/{ExternalExecutionId}/',
          },
          configurationProperties: [
            {
              ...{ name: 'MyJenkinsExampleBuildProject', required: true, key: true, secret: false },
              ...{ queryable: false, description: 'Must be provided.', type: 'String' },
            },
          ],
          inputArtifactDetails: { maximumCount: 1, minimumCount: 0 },
          outputArtifactDetails: { maximumCount: 1, minimumCount: 0 },
        },
      )}`) as { actionType: { id: object } };
    expect(actionType.id).toEqual(typeOf('Build', 'MyJenkinsProviderName'));
    expect(await cli`codepipeline list-action-types --action-owner-filter Custom`).toMatchObject({
      actionTypes: [actionType],
    });
    await createType('Source', 'Any');
    await createType('Test', 'MyJenkinsProviderName', {
      ...{ name: 'ProjectName', required: true, key: true, secret: false, queryable: true },
    });
    await createPipeline('MySecondPipeline', [
      stage('Source', { actionTypeId: typeOf('Source', 'Any') }),
      stage('Testing', {
        actionTypeId: typeOf('Test', 'MyJenkinsProviderName'),
        configuration: { ProjectName: 'MyJenkinsTestProject' },
      }),
    ]);
    const poll = async (input: object) =>
      (
        await cli`codepipeline poll-for-jobs --cli-input-json ${file('MyActionTypeInfo.json', input)}`
      ).jobs as Job[];
    const [source] = await poll({ actionTypeId: typeOf('Source', 'Any'), maxBatchSize: 5 });
    expect(
      await cli`codepipeline acknowledge-job --job-id ${source?.id ?? ''} --nonce ${source?.nonce ?? ''}`,
    ).toEqual({ status: 'InProgress' });
    await cli`codepipeline put-job-success-result --job-id ${source?.id ?? ''}`;
    const [job] = await poll({
      actionTypeId: typeOf('Test', 'MyJenkinsProviderName'),
      maxBatchSize: 5,
      queryParam: { ProjectName: 'MyJenkinsTestProject' },
    });
    expect(job).toMatchObject({
      accountId: server.accountId,
      data: {
        actionConfiguration: { configuration: { ProjectName: 'MyJenkinsTestProject' } },
        actionTypeId: typeOf('Test', 'MyJenkinsProviderName'),
        ...{ inputArtifacts: [], outputArtifacts: [] },
        pipelineContext: {
          action: { name: 'Testing' },
          pipelineName: 'MySecondPipeline',
          stage: { name: 'Testing' },
        },
      },
    });
    const { jobDetails } = (await cli`codepipeline get-job-details --job-id ${job?.id ?? ''}`) as {
      jobDetails: { id: string };
    };
    expect(jobDetails).toMatchObject({ id: job?.id, accountId: server.accountId });
    const wrong = await run(
      'aws',
      [
        ...['codepipeline', 'acknowledge-job', '--job-id', job?.id ?? '', '--nonce', '3'],
        ...['--endpoint-url', server.endpoint],
      ],
      { env: server.env },
    );
    expect(wrong.stderr).toContain('InvalidNonceException');
    await cli`codepipeline delete-custom-action-type --cli-input-json ${file('Delete.json', {
      ...{ category: 'Build', version: '1', provider: 'MyJenkinsProviderName' },
    })}`;
    const { webhook } = (await cli`codepipeline put-webhook --cli-input-json ${file(
      'webhook_json.json',
      {
        webhook: {
          ...{ name: 'my-webhook', targetPipeline: 'MySecondPipeline', targetAction: 'Source' },
          filters: [{ jsonPath: '$.ref', matchEquals: 'refs/heads/main' }],
          authentication: 'GITHUB_HMAC',
          authenticationConfiguration: { SecretToken: 'secret' },
        },
        tags: [{ key: 'Project', value: 'ProjectA' }],
      },
    )}`) as { webhook: { url: string; arn: string } };
    expect(webhook.arn).toBe(
      `arn:aws:codepipeline:${server.region}:${server.accountId}:webhook:my-webhook`,
    );
    expect(await cli`codepipeline list-webhooks`).toMatchObject({ webhooks: [webhook] });
    const body = JSON.stringify({ ref: 'refs/heads/main' });
    const signature = `sha256=${createHmac('sha256', 'secret').update(body).digest('hex')}`;
    const post = (sent: string) =>
      fetch(webhook.url, {
        method: 'POST',
        body: sent,
        headers: { 'x-hub-signature-256': signature },
      });
    expect((await post(`${body} `)).status).toBe(403);
    expect((await fetch(`${webhook.url}x`, { method: 'POST', body })).status).toBe(404);
    const started = (await (await post(body)).json()) as { pipelineExecutionId: string };
    expect(
      await cli`codepipeline get-pipeline-execution --pipeline-name MySecondPipeline --pipeline-execution-id ${started.pipelineExecutionId}`,
    ).toMatchObject({
      pipelineExecution: { trigger: { triggerType: 'Webhook', triggerDetail: webhook.arn } },
    });
    await cli`codepipeline delete-webhook --name my-webhook`;
    expect((await post(body)).status).toBe(404);
  }, 120_000);

  test('slipway worker does the jobs, with artifacts, variables and tokens', async () => {
    const property = { required: true, key: false, secret: false };
    await createType('Source', 'Fetch');
    await createType(
      'Build',
      'Make',
      { ...property, name: 'Greeting' },
      { ...property, name: 'Key', secret: true },
    );
    await createType('Test', 'Check', { ...property, name: 'Url' });
    worker(
      'Source',
      'Fetch',
      '--command',
      'echo hello > outputs/Code/a.txt && echo r42 > revision',
    );
    // The first run leaves a token, the second one makes the artifact.
    const make = [
      'if [ -z "$SLIPWAY_CONTINUATION_TOKEN" ]; then echo run-1 > continuation-token; echo half > summary; exit 0; fi',
      'test "$SLIPWAY_CONTINUATION_TOKEN" = run-1 && test -z "$AWS_SECRET_ACCESS_KEY"',
      'echo "$SLIPWAY_CONFIG_Greeting $SLIPWAY_CONFIG_Key $(cat "$SLIPWAY_INPUT_Code/a.txt")" > outputs/App/made',
      'ln -s made outputs/App/link && echo Url=https://x/$SLIPWAY_PIPELINE > variables',
      'echo 17 > external-execution-id && echo made > summary',
    ].join('\n');
    worker('Build', 'Make', '--command', make);
    const check =
      'grep -q "dear sesame hello" inputs/App/link && test "$SLIPWAY_CONFIG_Url" = https://x/worked';
    const checked = worker('Test', 'Check', '--once', '--command', check);
    const end = ended(checked);
    await createPipeline('worked', [
      stage('Fetch', {
        actionTypeId: typeOf('Source', 'Fetch'),
        outputArtifacts: [{ name: 'Code' }],
      }),
      stage('Make', {
        actionTypeId: typeOf('Build', 'Make'),
        ...{ inputArtifacts: [{ name: 'Code' }], outputArtifacts: [{ name: 'App' }] },
        ...{ configuration: { Greeting: 'dear', Key: 'sesame' }, namespace: 'made' },
      }),
      stage('Check', {
        actionTypeId: typeOf('Test', 'Check'),
        ...{ inputArtifacts: [{ name: 'App' }], configuration: { Url: '#{made.Url}' } },
      }),
    ]);
    expect(await endOf('worked', 1)).toMatchObject({
      ...{ status: 'Succeeded', summary: 'made', externalExecutionId: '17' },
    });
    expect((await end).code).toBe(0);
    expect(await endOf('worked', 2)).toMatchObject({ status: 'Succeeded' });
  }, 120_000);

  test('a command that fails fails the action, with its last words; one that hangs is ended', async () => {
    await createType('Test', 'Fails');
    await createType('Source', 'Quick');
    worker('Source', 'Quick', '--command', 'true');
    await createPipeline('failing', [
      stage('Quick', { actionTypeId: typeOf('Source', 'Quick') }),
      stage('Fails', { actionTypeId: typeOf('Test', 'Fails') }),
    ]);
    const once = ended(worker('Test', 'Fails', '--once', '--command', 'echo so sad >&2; exit 3'));
    expect(await endOf('failing', 1)).toMatchObject({
      status: 'Failed',
      errorDetails: { code: 'JobFailed', message: 'The command ended with exit code 3: so sad' },
    });
    expect((await once).code).toBe(1);
    await aws(server)`codepipeline start-pipeline-execution --name failing`;
    const hanging = worker('Test', 'Fails', '--once', '--timeout', '1', '--command', 'sleep 600');
    expect((await ended(hanging)).code).toBe(1);
    expect(await endOf('failing', 1)).toMatchObject({
      errorDetails: { message: 'The command did not end within 1 seconds' },
    });
    const { code, stderr } = await ended(worker('Test', 'Nobodys', '--command', 'true'));
    expect([code, stderr]).toEqual([1, expect.stringContaining('ActionTypeNotFoundException')]);
    expect((await ended(worker('Test', '', '--command', 'true'))).code).toBe(2);
  }, 120_000);

  test('kill -9 loses no job, and hands none out twice', async () => {
    await createType('Source', 'Killed');
    await createType('Test', 'Killed');
    const cli = aws(server);
    const poll = async (category: string) =>
      (
        await cli`codepipeline poll-for-jobs --action-type-id ${`category=${category},owner=Custom,provider=Killed,version=1`} --max-batch-size 5`
      ).jobs as Job[];
    const crash = async () => {
      await server.kill();
      await server.restart();
    };
    await createPipeline('killed', [
      stage('Source', { actionTypeId: typeOf('Source', 'Killed') }),
      stage('Test', { actionTypeId: typeOf('Test', 'Killed') }),
    ]);
    await crash();
    const [first, ...others] = await poll('Source');
    expect(others).toEqual([]);
    await crash();
    const ids = `--job-id ${first?.id}`.split(' ');
    expect(await cli`codepipeline acknowledge-job ${ids} --nonce ${first?.nonce ?? ''}`).toEqual({
      status: 'InProgress',
    });
    await crash();
    await cli`codepipeline put-job-success-result ${ids} --continuation-token t1`;
    await crash();
    const [second, ...more] = await poll('Source');
    expect([second?.data.continuationToken, more]).toEqual(['t1', []]);
    const next = `--job-id ${second?.id}`.split(' ');
    await cli`codepipeline acknowledge-job ${next} --nonce ${second?.nonce ?? ''}`;
    await cli`codepipeline put-job-success-result ${next}`;
    await crash();
    const jobs = await eventually('the next job', async () => {
      const found = await poll('Test');
      return found.length > 0 && found;
    });
    expect(jobs).toHaveLength(1);
    expect(await actionOf('killed', 0)).toMatchObject({ status: 'Succeeded' });
  }, 180_000);
});
