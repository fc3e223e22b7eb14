import type { Capability } from '@aws-sdk/client-cloudformation';
import { invalidAction } from '../errors.ts';
import type { Outcome } from '../model/outcome.ts';
import { defineActionType, type Job, requiredSetting, setting } from './action-type.ts';
import { artifactFileText } from './artifact-files.ts';
import { list, read } from './configuration.ts';
import { callFailure, explain } from './failure.ts';
import {
  begin,
  cloudformation,
  lookAtOperation,
  OPERATION_KEYS,
  operationRules,
  parametersOf,
  preferencesOf,
  SERVICE,
  targetsOf,
} from './stack-set-operation.ts';

const MODELS = ['SELF_MANAGED', 'SERVICE_MANAGED'] as const;
const AUTO = {
  Disabled: { Enabled: false },
  Enabled: { Enabled: true, RetainStacksOnAccountRemoval: false },
  EnabledWithStackRetention: { Enabled: true, RetainStacksOnAccountRemoval: true },
};

/** A stack set, new or updated, and its instances in these accounts and regions (CP-B15). */
export const cloudFormationStackSet = defineActionType({
  categories: ['Deploy'],
  provider: 'CloudFormationStackSet',
  inputs: [1, 3],
  outputs: [0, 0],
  timeoutMinutes: 60,
  configuration: [
    { name: 'StackSetName', required: true, key: true, description: 'The stack set.' },
    { name: 'TemplatePath', required: true, description: 'The template, as ARTIFACT::FILE.' },
    { name: 'Description', description: 'Of the stack set.' },
    { name: 'Parameters', description: 'Parameters, or ARTIFACT::FILE.' },
    { name: 'Capabilities', description: 'Comma-separated: CAPABILITY_IAM and others.' },
    {
      ...{ name: 'PermissionModel', values: MODELS, default: 'SELF_MANAGED' },
      description: 'Who makes the roles.',
    },
    { name: 'AdministrationRoleArn', description: 'The role by which accounts are reached.' },
    { name: 'ExecutionRoleName', description: 'The role in the accounts.' },
    {
      ...{ name: 'OrganizationsAutoDeployment', values: Object.keys(AUTO), default: 'Disabled' },
      description: 'Whether accounts that come into an organizational unit are deployed to.',
    },
    ...OPERATION_KEYS,
  ],
  rules(action) {
    operationRules(action);
    const { name, configuration } = action;
    if (!configuration.DeploymentTargets !== !configuration.Regions)
      throw invalidAction(
        `Action '${name}': DeploymentTargets and Regions are needed together or not at all`,
      );
  },
  outputVariables: ['OperationId', 'StackSetId'],
  links: { entity: { console: 'cloudformation', fragment: '/stacksets/{Config:StackSetName}' } },
  polls: true,

  async start(job) {
    const role = setting(job, 'AdministrationRoleArn');
    if (role) await job.passRole(role, 'cloudformation.amazonaws.com');
    const found = await findStackSet(job);
    const input = await inputOf(job);
    // One that was made right before the server went down is updated with itself, which changes nothing.
    return found ? update(job, input) : create(job, input);
  },
  look: lookAtOperation,
});

async function inputOf(job: Job) {
  const isServiceManaged = setting(job, 'PermissionModel') === 'SERVICE_MANAGED';
  const auto = setting(job, 'OrganizationsAutoDeployment') as keyof typeof AUTO;
  return {
    StackSetName: requiredSetting(job, 'StackSetName'),
    TemplateBody: await artifactFileText(job, requiredSetting(job, 'TemplatePath')),
    Description: setting(job, 'Description'),
    Parameters: await parametersOf(job, 'Parameters'),
    Capabilities: read(job, 'Capabilities', list) as Capability[] | undefined,
    PermissionModel: setting(job, 'PermissionModel') as (typeof MODELS)[number],
    AdministrationRoleARN: setting(job, 'AdministrationRoleArn'),
    ExecutionRoleName: setting(job, 'ExecutionRoleName'),
    ...(isServiceManaged && { AutoDeployment: AUTO[auto] }),
  };
}
type Input = Awaited<ReturnType<typeof inputOf>>;

async function findStackSet(job: Job) {
  const aws = await cloudformation(job);
  const StackSetName = requiredSetting(job, 'StackSetName');
  const call = aws.client.send(new aws.DescribeStackSetCommand({ StackSetName })).catch((error) => {
    if (/StackSetNotFound/.test(error.name)) return { StackSet: undefined };
    throw error;
  });
  return (await explain(call, callFailure(SERVICE, 'describeStackSet'))).StackSet;
}

async function create(job: Job, input: Input): Promise<Outcome> {
  const aws = await cloudformation(job);
  const targets = await targetsOf(job);
  const token = job.run.actionExecutionId;
  const { StackSetId = '' } = await explain(
    aws.client.send(new aws.CreateStackSetCommand({ ...input, ClientRequestToken: token })),
    callFailure(SERVICE, 'createStackSet'),
  );
  // Without targets there is no operation.
  if (!targets) return { state: 'succeeded', outputVariables: { StackSetId } };
  const { StackSetName } = input;
  const request = { ...targets, ...preferencesOf(job), StackSetName, OperationId: token };
  const command = new aws.CreateStackInstancesCommand(request);
  return begin(job, 'createStackInstances', aws.client.send(command));
}

async function update(job: Job, input: Input): Promise<Outcome> {
  const aws = await cloudformation(job);
  const command = new aws.UpdateStackSetCommand({
    ...{ ...input, ...(await targetsOf(job)), ...preferencesOf(job) },
    OperationId: job.run.actionExecutionId,
  });
  return begin(job, 'updateStackSet', aws.client.send(command));
}
