import type { Stack } from '@aws-sdk/client-cloudformation';
import type { Action } from '../model/declaration.ts';
import type { Outcome } from '../model/outcome.ts';
import { defineActionType, type Job, requiredSetting, setting } from './action-type.ts';
import { writeArtifact } from './artifact-files.ts';
import { executeChangeSet, lookAtChangeSet, replaceChangeSet } from './cloudformation-changes.ts';
import { parameterOverrides, stackInput } from './cloudformation-input.ts';
import { type Begun, cloudformation, findStack, isOurs } from './cloudformation-stack.ts';
import { checkKey, isKnown, list, needKey } from './configuration.ts';
import { ActionFailure, callFailure, explain } from './failure.ts';

const MODES = [
  'CREATE_UPDATE',
  'DELETE_ONLY',
  'REPLACE_ON_FAILURE',
  'CHANGE_SET_REPLACE',
  'CHANGE_SET_EXECUTE',
];
const CAPABILITIES = ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'];
/** Whom the action hands RoleArn to. */
const SERVICE_PRINCIPAL = 'cloudformation.amazonaws.com';

/** A stack, or a change set of one (CP-B14). */
export const cloudFormation = defineActionType({
  categories: ['Deploy'],
  provider: 'CloudFormation',
  inputs: [0, 10],
  outputs: [0, 1],
  timeoutMinutes: 3 * 24 * 60,
  configuration: [
    {
      ...{ name: 'ActionMode', required: true, key: true, values: MODES },
      description: 'What to do with the stack or its change set.',
    },
    { name: 'StackName', required: true, key: true, description: 'The stack.' },
    { name: 'Capabilities', description: 'Comma-separated: CAPABILITY_IAM and others.' },
    { name: 'ChangeSetName', description: 'The change set, in the modes that have one.' },
    { name: 'RoleArn', description: 'The role under which CloudFormation acts.' },
    { name: 'TemplatePath', description: 'The template, as ARTIFACT::FILE.' },
    {
      name: 'TemplateConfiguration',
      description: 'Parameters, tags and stack policy, as ARTIFACT::FILE.',
    },
    { name: 'OutputFileName', description: "The output artifact's file with the stack's outputs." },
    { name: 'ParameterOverrides', description: 'JSON object of parameters.' },
  ],
  rules,
  // The stack's outputs.
  outputVariables: 'any',
  links: {
    entity: { console: 'cloudformation', fragment: '/stacks' },
    execution: {
      console: 'cloudformation',
      fragment: '/stack/detail?stackId={ExternalExecutionId}',
    },
  },
  marksStart: true,
  polls: true,

  async start(job) {
    const role = setting(job, 'RoleArn');
    if (role) await job.passRole(role, SERVICE_PRINCIPAL);
    const mode = requiredSetting(job, 'ActionMode');
    if (mode === 'CHANGE_SET_REPLACE') return replaceChangeSet(job);
    if (mode === 'CHANGE_SET_EXECUTE') return ended(job, await executeChangeSet(job));
    const stack = await findStack(job, requiredSetting(job, 'StackName'));
    if (stack && job.again && (await isOurs(job, stack))) return running(stack);
    if (mode === 'DELETE_ONLY') return stack ? remove(job, stack) : succeeded('It did not exist');
    if (mode === 'REPLACE_ON_FAILURE' && isFailed(stack)) return remove(job, stack as Stack);
    return ended(job, await createOrUpdate(job, stack));
  },

  async look(job) {
    const mode = requiredSetting(job, 'ActionMode');
    if (mode === 'CHANGE_SET_REPLACE') {
      const found = await lookAtChangeSet(job);
      return 'stack' in found ? ended(job, found) : found;
    }
    const id = job.run.progress.externalExecutionId ?? '';
    const stack = await findStack(job, id);
    if (!stack) throw new ActionFailure('JobFailed', `Stack ${id} does not exist any more`);
    const status = stack.StackStatus ?? '';
    if (status === 'DELETE_COMPLETE' && mode === 'DELETE_ONLY') return succeeded('Stack deleted');
    if (status === 'DELETE_COMPLETE' && mode === 'REPLACE_ON_FAILURE')
      return ended(job, await createOrUpdate(job, undefined));
    if (status.endsWith('_IN_PROGRESS')) return running(stack);
    return ended(job, { stack });
  },
});

function rules(action: Action): void {
  const { configuration, inputArtifacts } = action;
  const mode = configuration.ActionMode;
  if (!isKnown(mode)) return;
  if (mode.startsWith('CHANGE_SET')) needKey(action, 'ChangeSetName', `${mode} needs it`);
  if (mode !== 'CHANGE_SET_EXECUTE') needKey(action, 'RoleArn', `${mode} needs it`);
  if (['CREATE_UPDATE', 'REPLACE_ON_FAILURE', 'CHANGE_SET_REPLACE'].includes(mode))
    needKey(action, 'TemplatePath', `${mode} needs it`);
  for (const key of ['TemplatePath', 'TemplateConfiguration']) {
    checkKey(action, key, (value) => {
      const [name, path] = value.split('::');
      if (!path) throw new Error('it must be ARTIFACT::FILE');
      if (!inputArtifacts.some((input) => input.name === name))
        throw new Error(`'${name}' is not an input artifact of the action`);
    });
  }
  checkKey(action, 'ParameterOverrides', parameterOverrides);
  checkKey(action, 'Capabilities', (value) => {
    const unknown = list(value).find((name) => !CAPABILITIES.includes(name));
    if (unknown) throw new Error(`'${unknown}' is none of ${CAPABILITIES.join(', ')}`);
  });
}

const FAILED = [
  'ROLLBACK_COMPLETE',
  'ROLLBACK_FAILED',
  'CREATE_FAILED',
  'DELETE_FAILED',
  'UPDATE_ROLLBACK_FAILED',
];
const isFailed = (stack: Stack | undefined) => FAILED.includes(stack?.StackStatus ?? '');

const running = ({ StackId = '' }: Stack): Outcome => ({
  state: 'running',
  progress: { externalExecutionId: StackId },
});
const succeeded = (summary: string): Outcome => ({ state: 'succeeded', progress: { summary } });

async function remove(job: Job, stack: Stack): Promise<Outcome> {
  const { client, DeleteStackCommand } = await cloudformation(job);
  const request = new DeleteStackCommand({
    StackName: stack.StackId,
    RoleARN: setting(job, 'RoleArn'),
    ClientRequestToken: job.run.actionExecutionId,
  });
  await explain(client.send(request), callFailure('AmazonCloudFormation', 'deleteStack'));
  return running(stack);
}

async function createOrUpdate(job: Job, stack: Stack | undefined): Promise<Begun> {
  const { client, CreateStackCommand, UpdateStackCommand } = await cloudformation(job);
  const input = { ...(await stackInput(job)), ClientRequestToken: job.run.actionExecutionId };
  if (!stack || stack.StackStatus === 'REVIEW_IN_PROGRESS') {
    const { StackId } = await explain(
      client.send(new CreateStackCommand(input)),
      callFailure('AmazonCloudFormation', 'createStack'),
    );
    return { stack: { StackId } as Stack, begun: true };
  }
  try {
    const { StackId } = await client.send(new UpdateStackCommand(input));
    return { stack: { StackId } as Stack, begun: true };
  } catch (error) {
    if (/No updates are to be performed/.test((error as Error).message)) return { stack };
    return explain(Promise.reject(error), callFailure('AmazonCloudFormation', 'updateStack'));
  }
}

/** The stack's end as the action's: its outputs as variables, and as a file of the output artifact. */
async function ended(job: Job, { stack, begun }: Begun): Promise<Outcome> {
  if (begun) return running(stack);
  const { StackStatus: status = '', StackName, StackStatusReason: reason, StackId } = stack;
  const replaces = requiredSetting(job, 'ActionMode') === 'CHANGE_SET_REPLACE';
  const progress = StackId && !replaces ? { externalExecutionId: StackId } : {};
  if (!replaces && !/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)) {
    const message = `Stack ${StackName} has the status ${status}${reason ? `: ${reason}` : ''}`;
    return { state: 'failed', progress, code: 'JobFailed', message };
  }
  const outputs = (stack.Outputs ?? []).map((o) => [o.OutputKey ?? '', o.OutputValue ?? '']);
  const outputVariables: Record<string, string> = Object.fromEntries(outputs);
  const file = setting(job, 'OutputFileName');
  const [artifact] = job.run.outputArtifacts;
  if (file && artifact)
    await writeArtifact(job, artifact, { [file]: JSON.stringify(outputVariables) });
  const summary = replaces ? 'Change set created' : `Stack ${StackName}: ${status}`;
  return { state: 'succeeded', progress: { ...progress, summary }, outputVariables };
}
