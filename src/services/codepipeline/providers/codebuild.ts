import {
  CodeBuildClient,
  type EnvironmentVariable,
  StartBuildCommand,
  type StartBuildCommandInput,
} from '@aws-sdk/client-codebuild';
import { invalidAction } from '../errors.ts';
import type { Action } from '../model/declaration.ts';
import type { Artifact } from '../model/state.ts';
import { defineActionType, type Job, requiredSetting, setting } from './action-type.ts';
import {
  artifactsOf,
  buildEnded,
  failure,
  lookAtBuild,
  outcomeOf,
  pipelineVariables,
} from './build.ts';
import { batchEnded, batchRules, isBatch, lookAtBatch, startBatch } from './build-batch.ts';
import { parseEnvironment } from './build-environment.ts';
import { ActionFailure, explain } from './failure.ts';

/** A build of a project (CP-B6). What the overrides mean is in CodeBuild's README. */
export const codeBuild = defineActionType({
  categories: ['Build', 'Test'],
  provider: 'CodeBuild',
  inputs: [1, 5],
  outputs: [0, 5],
  timeoutMinutes: 8 * 60,
  configuration: [
    { name: 'ProjectName', required: true, key: true, description: 'The build project to run.' },
    {
      name: 'PrimarySource',
      description: 'The input artifact that holds the buildspec; needed with several inputs.',
    },
    { name: 'EnvironmentVariables', description: 'JSON array of {name, value, type}.' },
    {
      name: 'BatchEnabled',
      description: 'Run a batch of builds (default false).',
      type: 'Boolean',
      default: 'false',
    },
    {
      name: 'CombineArtifacts',
      description: 'Put the artifacts of a batch into one (default false).',
      type: 'Boolean',
      default: 'false',
    },
  ],
  rules,
  // What the build exports.
  outputVariables: 'any',
  links: {
    entity: { console: 'codebuild', fragment: '/projects/{Config:ProjectName}/view' },
    execution: { console: 'codebuild', fragment: '/builds/{ExternalExecutionId}/view/new' },
  },
  hears: [buildEnded('build-ended'), batchEnded],

  async start(job) {
    const client = job.client(CodeBuildClient);
    const input = buildInput(job);
    if (isBatch(job)) return startBatch(job, client, input);
    const { build } = await explain(client.send(new StartBuildCommand(input)), failure);
    return outcomeOf(build ?? {});
  },
  look: (job) => (isBatch(job) ? lookAtBatch : lookAtBuild)(job, job.client(CodeBuildClient)),
});

function rules(action: Action): void {
  batchRules(action);
  const primary = action.configuration.PrimarySource;
  const names = action.inputArtifacts.map((artifact) => artifact.name);
  if (names.length > 1 && !primary) {
    throw invalidAction(
      `Action configuration for action '${action.name}' is missing required configuration 'PrimarySource': it is needed with more than one input artifact`,
    );
  }
  if (primary && !primary.includes('#{') && !names.includes(primary)) {
    throw invalidAction(
      `Action '${action.name}': PrimarySource '${primary}' is not one of the action's input artifacts`,
    );
  }
  const text = action.configuration.EnvironmentVariables ?? '[]';
  // A reference can stand where JSON is not text, so only the final value is judged when there is one.
  const parsed = text.includes('#{') ? [] : parseEnvironment(text);
  if (typeof parsed === 'string') {
    throw invalidAction(`Action '${action.name}': EnvironmentVariables ${parsed}`);
  }
}

function buildInput(job: Job): StartBuildCommandInput {
  const inputs = job.run.input.inputArtifacts;
  const primaryName = setting(job, 'PrimarySource');
  const primary = inputs.find((i) => i.name === primaryName) ?? inputs[0];
  if (!primary || (primaryName && primary.name !== primaryName)) {
    throw new ActionFailure(
      'ConfigurationError',
      `The PrimarySource '${primaryName}' is not an input artifact of the action`,
    );
  }
  return {
    projectName: requiredSetting(job, 'ProjectName'),
    idempotencyToken: job.run.actionExecutionId,
    ...artifactsOf(job, primary),
    environmentVariablesOverride: environment(job, primary),
  };
}

function environment(job: Job, primary: Artifact): EnvironmentVariable[] {
  const parsed = parseEnvironment(setting(job, 'EnvironmentVariables') ?? '[]');
  if (typeof parsed === 'string') {
    throw new ActionFailure('ConfigurationError', `EnvironmentVariables ${parsed}`);
  }
  return [...parsed, ...pipelineVariables(job, primary)];
}
