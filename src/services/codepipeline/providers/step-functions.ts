import type { DescribeExecutionCommandOutput } from '@aws-sdk/client-sfn';
import { parseArn } from '../../../aws/arn.ts';
import { invalidAction } from '../errors.ts';
import type { Outcome } from '../model/outcome.ts';
import { defineActionType, type Job, onlyInput, requiredSetting, setting } from './action-type.ts';
import { artifactText, writeArtifact } from './artifact-files.ts';
import { checkKey, json } from './configuration.ts';
import { callFailure, explain } from './failure.ts';

/** The output artifact's one file; AWS does not say what it calls it. */
const OUTPUT_FILE = 'output.json';

/** An execution of a state machine (CP-B25). */
export const stepFunctions = defineActionType({
  categories: ['Invoke'],
  provider: 'StepFunctions',
  inputs: [0, 1],
  outputs: [0, 1],
  timeoutMinutes: 7 * 24 * 60,
  configuration: [
    {
      ...{ name: 'StateMachineArn', required: true, key: true },
      description: 'The state machine to start.',
    },
    {
      name: 'ExecutionNamePrefix',
      description: "Stands before the action execution's id in the name of the execution.",
    },
    {
      ...{ name: 'InputType', values: ['Literal', 'FilePath'], default: 'Literal' },
      description: 'Whether Input is the input or a file of the input artifact.',
    },
    { name: 'Input', description: 'The input as JSON, or the path of a file with it.' },
  ],
  rules(action) {
    const { name, configuration, inputArtifacts } = action;
    checkKey(action, 'StateMachineArn', (value) => {
      if (parseArn(value)?.service !== 'states') throw new Error('it is no ARN of a state machine');
    });
    if (configuration.InputType === 'FilePath') {
      if (inputArtifacts.length === 0 || !configuration.Input)
        throw invalidAction(
          `Action '${name}': the InputType FilePath needs Input, the path of a file, and an input artifact`,
        );
    } else checkKey(action, 'Input', json);
  },
  outputVariables: ['StateMachineArn', 'ExecutionArn'],
  links: {
    entity: { console: 'states', fragment: '/statemachines/view/{Config:StateMachineArn}' },
    execution: { console: 'states', fragment: '/executions/details/{ExternalExecutionId}' },
  },
  polls: true,

  async start(job) {
    const { client, StartExecutionCommand, DescribeStateMachineCommand } = await states(job);
    const stateMachineArn = requiredSetting(job, 'StateMachineArn');
    const { type } = await explain(
      client.send(new DescribeStateMachineCommand({ stateMachineArn })),
      callFailure('AWSStepFunctions', 'describeStateMachine'),
    );
    const request = { stateMachineArn, name: executionName(job), input: await inputOf(job) };
    // The same name and input find the execution that was started before.
    const started = client.send(new StartExecutionCommand(request)).catch((error) => {
      if (error.name === 'ExecutionAlreadyExists') return { executionArn: executionArn(job) };
      throw error;
    });
    const { executionArn: externalExecutionId = '' } = await explain(
      started,
      callFailure('AWSStepFunctions', 'startExecution'),
    );
    const progress = { externalExecutionId };
    // Nobody can ask an express workflow how it goes.
    return type === 'EXPRESS'
      ? { state: 'succeeded', progress, outputVariables: { StateMachineArn: stateMachineArn } }
      : { state: 'running', progress };
  },

  async look(job) {
    const { client, DescribeExecutionCommand } = await states(job);
    const executionArn = job.run.progress.externalExecutionId ?? '';
    const execution = await explain(
      client.send(new DescribeExecutionCommand({ executionArn })),
      callFailure('AWSStepFunctions', 'describeExecution'),
    );
    return outcomeOf(job, execution);
  },
});

async function states(job: Job) {
  const package_ = await import('@aws-sdk/client-sfn');
  return { ...package_, client: job.client(package_.SFNClient) };
}

function executionName(job: Job): string {
  const prefix = setting(job, 'ExecutionNamePrefix');
  return `${prefix ? `${prefix}-` : ''}${job.run.actionExecutionId}`;
}

function executionArn(job: Job): string {
  const machine = requiredSetting(job, 'StateMachineArn');
  return `${machine.replace(':stateMachine:', ':execution:')}:${executionName(job)}`;
}

async function inputOf(job: Job): Promise<string> {
  const input = setting(job, 'Input');
  if (setting(job, 'InputType') !== 'FilePath') return input || '{}';
  return artifactText(job, onlyInput(job), requiredSetting(job, 'Input'));
}

async function outcomeOf(job: Job, execution: DescribeExecutionCommandOutput): Promise<Outcome> {
  const { status, output, cause, error } = execution;
  const [artifact] = job.run.outputArtifacts;
  if (status === 'RUNNING' || status === 'PENDING_REDRIVE')
    return { state: 'running', progress: {} };
  if (status !== 'SUCCEEDED') {
    const reason = [error, cause].filter(Boolean).join(': ');
    const message = `The execution ended with the status ${status}${reason ? `. ${reason}` : ''}`;
    return { state: 'failed', code: 'JobFailed', message };
  }
  if (artifact) await writeArtifact(job, artifact, { [OUTPUT_FILE]: output ?? '' });
  return {
    state: 'succeeded',
    progress: { summary: 'The execution succeeded' },
    outputVariables: {
      StateMachineArn: execution.stateMachineArn ?? '',
      ExecutionArn: execution.executionArn ?? '',
    },
  };
}
