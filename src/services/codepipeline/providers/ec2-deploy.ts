import type { DeployActionExecutionTarget } from '@aws-sdk/client-codepipeline';
import type { Command, CommandInvocation, SSMClient } from '@aws-sdk/client-ssm';
import { append } from '../../../lib/append.ts';
import { statusOf } from '../../../lib/refusal.ts';
import { invalidAction } from '../errors.ts';
import type { Action } from '../model/declaration.ts';
import { type DeploySpec, NoDeploySpec, parseDeploySpec } from '../model/deploy-spec.ts';
import type { Outcome } from '../model/outcome.ts';
import { defineActionType, type Job, onlyInput, requiredSetting, setting } from './action-type.ts';
import { artifactText } from './artifact-files.ts';
import { deployScript } from './ec2-script.ts';
import { ActionFailure, callFailure, explain } from './failure.ts';

const SERVICE = 'AWSSimpleSystemsManagement';
/** SSM sends one command to so many nodes that are named. */
const MOST_NODES = 50;
/** A script has as long as Systems Manager lets a command run. */
const SCRIPT_SECONDS = 3600;
/** How long a node may take to fetch the command. */
const DELIVERY_SECONDS = 600;

/** The input artifact into a directory of Linux instances, by one command of Systems Manager's (CP-B17). */
export const ec2Deploy = defineActionType({
  categories: ['Deploy'],
  provider: 'EC2',
  inputs: [1, 1],
  outputs: [0, 0],
  timeoutMinutes: 60,
  configuration: [
    { name: 'InstanceTagKey', required: true, key: true, description: 'The tag of the instances.' },
    { name: 'InstanceTagValue', key: true, description: 'Its value; absent: any.' },
    {
      ...{ name: 'InstanceType', required: true, values: ['EC2', 'SSM_MANAGED_NODE'] },
      description: 'Instances of EC2, or other nodes that Systems Manager manages.',
    },
    { name: 'TargetDirectory', description: 'Where the files go: an absolute path.' },
    { name: 'PreScript', description: 'A file of the artifact that runs before.' },
    { name: 'PostScript', description: 'A file of the artifact that runs after.' },
    { name: 'MaxBatch', description: 'How many instances at once: a number, or a part (25%).' },
    {
      name: 'MaxError',
      description: 'How many may fail: a number, or a part (25%). Default: none.',
    },
    {
      name: 'DeploySpec',
      description: 'A file of the artifact that says what goes where, and what runs then.',
    },
    {
      ...{ name: 'TargetGroupNameList', unsupported: true },
      description: 'Target groups that an instance is taken out of meanwhile.',
    },
  ],
  rules,
  marksStart: true,
  polls: true,

  async start(job) {
    const ssm = await systemsManager(job);
    const sent = job.again ? await findEarlier(job, ssm) : undefined;
    const externalExecutionId = sent ?? (await sendCommand(job, ssm));
    return { state: 'running', progress: { externalExecutionId } };
  },

  async look(job) {
    const ssm = await systemsManager(job);
    const CommandId = commandOf(job);
    const asked = ssm.client.send(new ssm.ListCommandsCommand({ CommandId }));
    const { Commands = [] } = await explain(asked, callFailure(SERVICE, 'listCommands'));
    const [command] = Commands;
    if (!command)
      throw new ActionFailure('JobFailed', `Command ${CommandId} does not exist any more`);
    return outcomeOf(command, setting(job, 'MaxError') ?? '0');
  },

  async targets(job) {
    const ssm = await systemsManager(job);
    const targets: DeployActionExecutionTarget[] = [];
    let NextToken: string | undefined;
    do {
      const asked = { CommandId: commandOf(job), Details: true, NextToken };
      const page = await ssm.client.send(new ssm.ListCommandInvocationsCommand(asked));
      append(targets, (page.CommandInvocations ?? []).map(targetOf));
      NextToken = page.NextToken;
    } while (NextToken);
    return targets;
  },
});

/** Systems Manager puts parameters in place of `{{…}}`, whatever quotes stand around it. */
const isPath = (text: string) => text.startsWith('/') && !text.includes('{{');

/** What a variable stood for may be anything: to a command it could be an option. @throws ActionFailure */
function targetDirectory(job: Job): string {
  const directory = requiredSetting(job, 'TargetDirectory');
  if (isPath(directory)) return directory;
  throw new ActionFailure(
    'ConfigurationError',
    `The TargetDirectory '${directory}' is not an absolute path`,
  );
}

/** @throws InvalidActionDeclarationException */
function rules({ name, configuration }: Action): void {
  const wrong = (key: string, what: string) =>
    invalidAction(`Action configuration for action '${name}': ${key} must be ${what}`);
  const { TargetDirectory: directory, DeploySpec } = configuration;
  const beside = ['TargetDirectory', 'PreScript', 'PostScript'].find((key) => configuration[key]);
  if (DeploySpec && beside)
    throw invalidAction(
      `Action configuration for action '${name}' must have either DeploySpec or ${beside}`,
    );
  if (!directory && !DeploySpec)
    throw invalidAction(
      `Action configuration for action '${name}' is missing required configuration 'TargetDirectory'`,
    );
  if (directory && !directory.includes('#{') && !isPath(directory))
    throw wrong('TargetDirectory', 'an absolute path');
  for (const key of ['MaxBatch', 'MaxError']) {
    const value = configuration[key] ?? '1';
    if (!value.includes('#{') && !/^\d{1,3}%?$/.test(value))
      throw wrong(key, 'a number, or a part such as 25%');
  }
}

async function systemsManager(job: Job) {
  const package_ = await import('@aws-sdk/client-ssm');
  const client: SSMClient = job.client(package_.SSMClient);
  return { ...package_, client };
}
type SystemsManager = Awaited<ReturnType<typeof systemsManager>>;

const commandOf = ({ run }: Job) => run.progress.externalExecutionId ?? '';

/** Systems Manager's parameters are served here, its commands are not. */
function sending(call: string) {
  return (error: Error) =>
    statusOf(error) === 501
      ? {
          code: 'ConfigurationError' as const,
          message: `Error calling ${call}: instances are reached by AWS Systems Manager, whose commands are not served here: SLIPWAY_UPSTREAM_SSM says where it is. ${error.message}`,
        }
      : callFailure(SERVICE, call)(error);
}

async function sendCommand(job: Job, ssm: SystemsManager): Promise<string> {
  const InstanceIds = await findNodes(job, ssm);
  const { bucket, key } = onlyInput(job);
  const MaxConcurrency = setting(job, 'MaxBatch');
  const command = new ssm.SendCommandCommand({
    ...{ DocumentName: 'AWS-RunShellScript', InstanceIds, Comment: commentOf(job) },
    Parameters: {
      commands: deployScript({
        ...{ bucket, key, ...(await specOf(job)) },
        mark: `${job.pipeline.name}/${job.run.stageName}/${job.run.actionName}`,
      }),
    },
    TimeoutSeconds: DELIVERY_SECONDS,
    ...(MaxConcurrency && { MaxConcurrency }),
    MaxErrors: setting(job, 'MaxError') ?? '0',
  });
  const { Command: sent } = await explain(ssm.client.send(command), sending('sendCommand'));
  return sent?.CommandId ?? '';
}

/** By the file that the action names, or by its configuration alone. @throws ActionFailure */
async function specOf(job: Job): Promise<DeploySpec> {
  const path = setting(job, 'DeploySpec');
  if (path === undefined) return configuredSpec(job);
  const text = await artifactText(job, onlyInput(job), path);
  try {
    return parseDeploySpec(text);
  } catch (error) {
    if (!(error instanceof NoDeploySpec)) throw error;
    throw new ActionFailure('ConfigurationError', `Deploy spec file [${path}]: ${error.message}`);
  }
}

function configuredSpec(job: Job): DeploySpec {
  const script = (key: string) => {
    const location = setting(job, key)?.replace(/^(?:\.?\/)+/, '');
    if (location?.includes('{{'))
      throw new ActionFailure('ConfigurationError', `The ${key} '${location}' is no path`);
    return location ? [{ location, seconds: SCRIPT_SECONDS }] : [];
  };
  return {
    files: [{ source: '', destination: targetDirectory(job) }],
    before: script('PreScript'),
    after: script('PostScript'),
  };
}

/** What tells an action's command from others: SSM has no token for it. */
const commentOf = ({ run }: Job) => `CodePipeline ${run.actionExecutionId}`;

/** The command that this action sent before the server went down, if it came so far. */
async function findEarlier(job: Job, ssm: SystemsManager): Promise<string | undefined> {
  const since = new Date(job.run.startTime - 1000).toISOString().replace(/\.\d+Z$/, 'Z');
  let NextToken: string | undefined;
  do {
    const asked = { Filters: [{ key: 'InvokedAfter' as const, value: since }], NextToken };
    const page = await explain(
      ssm.client.send(new ssm.ListCommandsCommand(asked)),
      sending('listCommands'),
    );
    const its = page.Commands?.find(({ Comment }) => Comment === commentOf(job));
    if (its?.CommandId) return its.CommandId;
    NextToken = page.NextToken;
  } while (NextToken);
  return undefined;
}

/** The instances of the tag that Systems Manager reaches. @throws ActionFailure where it is none, or too many */
async function findNodes(job: Job, ssm: SystemsManager): Promise<string[]> {
  const [key, value] = [requiredSetting(job, 'InstanceTagKey'), setting(job, 'InstanceTagValue')];
  const tagged = value ? { Key: `tag:${key}`, Values: [value] } : { Key: 'tag-key', Values: [key] };
  const isEc2 = requiredSetting(job, 'InstanceType') === 'EC2';
  const kind = { Key: 'ResourceType', Values: [isEc2 ? 'EC2Instance' : 'ManagedInstance'] };
  const found: string[] = [];
  let NextToken: string | undefined;
  do {
    const command = new ssm.DescribeInstanceInformationCommand({
      Filters: [tagged, kind],
      NextToken,
    });
    const page = await explain(ssm.client.send(command), sending('describeInstanceInformation'));
    append(
      found,
      (page.InstanceInformationList ?? []).flatMap(({ InstanceId }) => InstanceId ?? []),
    );
    NextToken = page.NextToken;
  } while (NextToken);
  const which = `with the tag ${key}${value ? `=${value}` : ''}`;
  if (found.length === 0)
    throw new ActionFailure(
      'ConfigurationError',
      `There is no instance ${which} that Systems Manager reaches`,
    );
  if (found.length > MOST_NODES)
    throw new ActionFailure(
      'ConfigurationError',
      `There are ${found.length} instances ${which}: Slipway deploys to ${MOST_NODES} at most`,
    );
  return found;
}

function outcomeOf(command: Command, mayFail: string): Outcome {
  const {
    Status = '',
    StatusDetails,
    TargetCount = 0,
    ErrorCount = 0,
    CompletedCount = 0,
  } = command;
  if (['Pending', 'InProgress', 'Cancelling'].includes(Status))
    return {
      state: 'running',
      progress: TargetCount
        ? { percentComplete: Math.floor((100 * CompletedCount) / TargetCount) }
        : {},
    };
  const failed = ErrorCount + (command.DeliveryTimedOutCount ?? 0);
  const most = Number.parseInt(mayFail, 10);
  const allowed = mayFail.endsWith('%') ? Math.floor((most * TargetCount) / 100) : most;
  const all = CompletedCount >= TargetCount && TargetCount > 0;
  if (Status === 'Success' || (Status === 'Failed' && all && failed <= allowed)) {
    const summary = `Deployed to ${TargetCount - failed} of ${TargetCount} instances`;
    return { state: 'succeeded', progress: { summary } };
  }
  const message = `Deployment failed on ${failed} of ${TargetCount} instances: ${StatusDetails ?? Status}`;
  return { state: 'failed', progress: { summary: message }, code: 'JobFailed', message };
}

function targetOf(invocation: CommandInvocation): DeployActionExecutionTarget {
  const { InstanceId, Status, CommandId, CommandPlugins = [] } = invocation;
  const events = CommandPlugins.map((plugin) => ({
    ...{ name: plugin.Name, status: plugin.Status },
    ...(plugin.ResponseStartDateTime && { startTime: plugin.ResponseStartDateTime }),
    ...(plugin.ResponseFinishDateTime && { endTime: plugin.ResponseFinishDateTime }),
    context: { ssmCommandId: CommandId, message: plugin.StatusDetails },
  }));
  const ends = events.flatMap(({ endTime }) => endTime ?? []);
  return {
    ...{
      targetId: InstanceId,
      targetType: InstanceId?.startsWith('i-') ? 'EC2' : 'SSM_MANAGED_NODE',
    },
    ...{ status: Status, events },
    ...(invocation.RequestedDateTime && { startTime: invocation.RequestedDateTime }),
    ...(ends.at(-1) && { endTime: ends.at(-1) }),
  };
}
