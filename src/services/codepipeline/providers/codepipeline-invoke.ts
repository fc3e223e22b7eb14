import {
  CodePipelineClient,
  GetPipelineExecutionCommand,
  type PipelineExecutionStatus,
  type PipelineVariable,
  type SourceRevisionOverride,
  StartPipelineExecutionCommand,
} from '@aws-sdk/client-codepipeline';
import type { Outcome } from '../model/outcome.ts';
import { defineActionType, requiredSetting } from './action-type.ts';
import { checkKey, jsonTexts, read } from './configuration.ts';
import { callFailure, explain } from './failure.ts';

const revisions = jsonTexts(['actionName', 'revisionType', 'revisionValue']);
const variables = jsonTexts(['name', 'value']);

/** An execution of another pipeline, whose end is the action's (CP-B26). */
export const codePipelineInvoke = defineActionType({
  categories: ['Invoke'],
  provider: 'CodePipeline',
  inputs: [0, 0],
  outputs: [0, 0],
  timeoutMinutes: 7 * 24 * 60,
  configuration: [
    { name: 'PipelineName', required: true, key: true, description: 'The pipeline to start.' },
    {
      name: 'SourceRevisions',
      description: 'JSON array of {actionName, revisionType, revisionValue}.',
    },
    { name: 'Variables', description: 'JSON array of {name, value}.' },
  ],
  rules(action) {
    checkKey(action, 'SourceRevisions', revisions);
    checkKey(action, 'Variables', variables);
  },
  outputVariables: ['PipelineExecutionId'],
  links: {
    entity: { console: 'codepipeline', fragment: '/view/{Config:PipelineName}' },
    execution: {
      console: 'codepipeline',
      fragment: '/view/{Config:PipelineName}/executions/{ExternalExecutionId}',
    },
  },
  hears: [
    {
      name: 'pipeline-ended',
      pattern: {
        'detail-type': ['CodePipeline Pipeline Execution State Change'],
        detail: { state: ['SUCCEEDED', 'FAILED', 'CANCELED', 'STOPPED', 'SUPERSEDED'] },
      },
      work: ({ detail }) => String(detail['execution-id']),
    },
  ],

  async start(job) {
    const command = new StartPipelineExecutionCommand({
      name: requiredSetting(job, 'PipelineName'),
      clientRequestToken: job.run.actionExecutionId,
      sourceRevisions: read(job, 'SourceRevisions', revisions) as
        | SourceRevisionOverride[]
        | undefined,
      variables: read(job, 'Variables', variables) as PipelineVariable[] | undefined,
    });
    const { pipelineExecutionId = '' } = await explain(
      job.client(CodePipelineClient).send(command),
      callFailure('AWSCodePipeline', 'startPipelineExecution'),
    );
    return { state: 'running', progress: { externalExecutionId: pipelineExecutionId } };
  },

  async look(job) {
    const pipelineName = requiredSetting(job, 'PipelineName');
    const pipelineExecutionId = job.run.progress.externalExecutionId ?? '';
    const { pipelineExecution } = await explain(
      job
        .client(CodePipelineClient)
        .send(new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId })),
      callFailure('AWSCodePipeline', 'getPipelineExecution'),
    );
    return outcomeOf(pipelineName, pipelineExecutionId, pipelineExecution?.status);
  },
});

function outcomeOf(
  pipeline: string,
  executionId: string,
  status: PipelineExecutionStatus | undefined,
): Outcome {
  if (status === 'InProgress' || status === 'Stopping') return { state: 'running', progress: {} };
  const summary = `Execution ${executionId} of pipeline ${pipeline}: ${status}`;
  const progress = { summary };
  return status === 'Succeeded'
    ? { state: 'succeeded', progress, outputVariables: { PipelineExecutionId: executionId } }
    : { state: 'failed', progress, code: 'JobFailed', message: summary };
}
