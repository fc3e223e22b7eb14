import type {
  StartBuildBatchCommandInput,
  StartBuildCommandInput,
} from '@aws-sdk/client-codebuild';
import { describe, expect, it } from 'vitest';
import type { ActionRun } from '../model/state.ts';
import type { Job } from './action-type.ts';
import { codeBuild } from './codebuild.ts';

/** Starts a build with a client that only notes what it is asked; a new build has no log yet. */
async function asked(run: object, store = {}): Promise<StartBuildCommandInput> {
  let input: StartBuildCommandInput | undefined;
  const job = {
    type: codeBuild,
    pipeline: { name: 'web', declaration: { roleArn: 'R' } },
    store: { type: 'S3', location: 'bucket', ...store },
    run: { actionExecutionId: 'id-1', actionName: 'Build', progress: {}, ...run },
    client: () => ({
      send: async (command: { input: StartBuildCommandInput }) => {
        input = command.input;
        const none = 'arn:aws:logs:us-east-1:000000000000:log-group:null:log-stream:null';
        const logs = { cloudWatchLogsArn: none };
        const buildBatch = { id: 'p:1', buildBatchStatus: 'IN_PROGRESS' };
        return { build: { id: 'p:1', buildStatus: 'IN_PROGRESS', logs }, buildBatch };
      },
    }),
  } as unknown as Job;
  expect(await codeBuild.start(job, new AbortController().signal)).toEqual({
    state: 'running',
    progress: { externalExecutionId: 'p:1' },
  });
  return input as StartBuildCommandInput;
}

const at = (name: string) => ({ name, bucket: 'bucket', key: `web/${name}/abc1234` });
const input = (names: string[], resolvedConfiguration: object): Partial<ActionRun['input']> => ({
  inputArtifacts: names.map((name) => ({ ...at(name), revisionId: `rev-${name}` })),
  resolvedConfiguration: { ProjectName: 'p', ...resolvedConfiguration },
});

describe('CodeBuild action', () => {
  it('CP-B6: hands over one input and one output', async () => {
    const run = { input: input(['Src'], {}), outputArtifacts: [at('App')] };
    expect(await asked(run, { encryptionKey: { id: 'key', type: 'KMS' } })).toEqual({
      projectName: 'p',
      idempotencyToken: 'id-1',
      sourceTypeOverride: 'CODEPIPELINE',
      sourceLocationOverride: 'arn:aws:s3:::bucket/web/Src/abc1234',
      artifactsOverride: {
        type: 'CODEPIPELINE',
        location: 'bucket',
        path: 'web/App',
        name: 'abc1234',
        packaging: 'ZIP',
      },
      encryptionKeyOverride: 'key',
      environmentVariablesOverride: [
        { name: 'CODEBUILD_INITIATOR', value: 'codepipeline/web', type: 'PLAINTEXT' },
        { name: 'CODEBUILD_RESOLVED_SOURCE_VERSION', value: 'rev-Src', type: 'PLAINTEXT' },
      ],
    });
  });

  it('CP-B6: several inputs and outputs, PrimarySource and EnvironmentVariables', async () => {
    const environment = [{ name: 'A', value: 'b', type: 'PARAMETER_STORE' }];
    const configuration = {
      PrimarySource: 'Two',
      EnvironmentVariables: JSON.stringify(environment),
    };
    const run = {
      input: input(['One', 'Two'], configuration),
      outputArtifacts: [at('X'), at('Y')],
    };
    const request = await asked(run);
    expect(request).toMatchObject({
      sourceLocationOverride: 'arn:aws:s3:::bucket/web/Two/abc1234',
      secondarySourcesOverride: [
        {
          type: 'CODEPIPELINE',
          sourceIdentifier: 'One',
          location: 'arn:aws:s3:::bucket/web/One/abc1234',
        },
      ],
      artifactsOverride: { type: 'CODEPIPELINE' },
      secondaryArtifactsOverride: [{ artifactIdentifier: 'X' }, { artifactIdentifier: 'Y' }],
    });
    expect(request.environmentVariablesOverride?.[0]).toEqual(environment[0]);
  });

  it('CB-D5: a batch is given each output by its name, or one for all', async () => {
    const of = async (settings: object, outputs: string[]) => {
      const configuration = { BatchEnabled: 'true', ...settings };
      const run = { input: input(['Src'], configuration), outputArtifacts: outputs.map(at) };
      return asked(run) as Promise<StartBuildBatchCommandInput>;
    };
    const one = await of({}, ['unit']);
    expect(one).toMatchObject({
      ...{ projectName: 'p', idempotencyToken: 'id-1', sourceTypeOverride: 'CODEPIPELINE' },
      artifactsOverride: { type: 'CODEPIPELINE' },
      secondaryArtifactsOverride: [{ artifactIdentifier: 'unit', path: 'web/unit' }],
      buildBatchConfigOverride: { combineArtifacts: false },
    });
    const all = await of({ CombineArtifacts: 'true' }, ['App']);
    expect(all).toMatchObject({
      artifactsOverride: { type: 'CODEPIPELINE', path: 'web/App', name: 'abc1234' },
      buildBatchConfigOverride: { combineArtifacts: true },
    });
    expect(all.secondaryArtifactsOverride).toBeUndefined();
  });

  it('CP-B6: EnvironmentVariables that variables made unreadable fail the action', async () => {
    const run = { input: input(['Src'], { EnvironmentVariables: '[{]' }), outputArtifacts: [] };
    await expect(asked(run)).rejects.toMatchObject({ code: 'ConfigurationError' });
  });
});
