import type { CloudFormationClient, Parameter } from '@aws-sdk/client-cloudformation';
import type { Action } from '../model/declaration.ts';
import type { Outcome } from '../model/outcome.ts';
import { type Job, requiredSetting, setting } from './action-type.ts';
import { artifactFileText } from './artifact-files.ts';
import { checkKey, json, list, read, wholeNumber } from './configuration.ts';
import { ActionFailure, callFailure, explain } from './failure.ts';

// What the two action types of stack sets share (CP-B15, CP-B16).

export const SERVICE = 'AmazonCloudFormation';

export const OPERATION_KEYS = [
  {
    name: 'DeploymentTargets',
    description: 'Accounts or organizational units, or ARTIFACT::FILE.',
  },
  { name: 'Regions', description: 'Comma-separated regions.' },
  {
    ...{ name: 'FailureTolerancePercentage', type: 'Number' as const },
    description: 'How many accounts of a region may fail, in percent.',
  },
  {
    ...{ name: 'MaxConcurrentPercentage', type: 'Number' as const },
    description: 'How many accounts are deployed to at once, in percent.',
  },
];

const percent = wholeNumber(0, 100);
const FILE = /^[A-Za-z0-9_-]+::.+/;

export function operationRules(action: Action): void {
  checkKey(action, 'FailureTolerancePercentage', percent);
  checkKey(action, 'MaxConcurrentPercentage', percent);
}

export async function cloudformation(job: Job) {
  const package_ = await import('@aws-sdk/client-cloudformation');
  const client: CloudFormationClient = job.client(package_.CloudFormationClient);
  return { ...package_, client };
}

/** A value that stands in the configuration, or in the file that it names. */
async function textOf(job: Job, key: string): Promise<string> {
  const value = setting(job, key) ?? '';
  return FILE.test(value) ? artifactFileText(job, value) : value;
}

function invalid(job: Job, key: string, reason: string): ActionFailure {
  return new ActionFailure(
    'ConfigurationError',
    `The configuration '${key}' of action '${job.run.actionName}' is invalid: ${reason}`,
  );
}

/** `ParameterKey=a,ParameterValue=b ParameterKey=…`, or JSON as the API has it. */
export async function parametersOf(job: Job, key: string): Promise<Parameter[] | undefined> {
  const text = (await textOf(job, key)).trim();
  if (text === '') return undefined;
  const given = text.startsWith('[') ? (json(text) as Parameter[]) : shorthand(text);
  if (given.every((each) => typeof each?.ParameterKey === 'string')) return given;
  throw invalid(job, key, 'each parameter needs its ParameterKey');
}

function shorthand(text: string): Parameter[] {
  const [before = '', ...given] = ` ${text}`.split(/\sParameterKey=/);
  if (before.trim() !== '') return [{}];
  return given.map((each) => {
    const comma = each.indexOf(',');
    const ParameterKey = (comma < 0 ? each : each.slice(0, comma)).trim();
    const rest = comma < 0 ? '' : each.slice(comma).trim();
    const at = rest.indexOf(',ParameterValue=');
    return {
      ...{ ParameterKey },
      ...(at >= 0 && { ParameterValue: rest.slice(at + ',ParameterValue='.length) }),
      ...(rest.includes(',UsePreviousValue=true') && at < 0 && { UsePreviousValue: true }),
    };
  });
}

/** Accounts, or organizational units, and the regions: none where the action names none. */
export async function targetsOf(job: Job) {
  const Regions = list(await textOf(job, 'Regions'));
  const names = targetNames(await textOf(job, 'DeploymentTargets'));
  if (names.length === 0 || Regions.length === 0) return undefined;
  const units = names.every((name) => /^(ou-|r-)/.test(name));
  if (!units && !names.every((name) => /^\d{12}$/.test(name)))
    throw invalid(job, 'DeploymentTargets', 'it must be accounts or organizational units');
  return {
    DeploymentTargets: units ? { OrganizationalUnitIds: names } : { Accounts: names },
    Regions,
  };
}

function targetNames(text: string): string[] {
  const plain = text.trim().replace(/^(Accounts|OrganizationalUnitIds)=/, '');
  if (!plain.startsWith('[') && !plain.startsWith('{')) return list(plain);
  const parsed = json(plain);
  const names = Array.isArray(parsed) ? parsed : Object.values(parsed as object);
  return names.flat().map(String);
}

export function preferencesOf(job: Job) {
  const FailureTolerancePercentage = read(job, 'FailureTolerancePercentage', percent);
  const MaxConcurrentPercentage = read(job, 'MaxConcurrentPercentage', percent);
  return {
    OperationPreferences: {
      ...(FailureTolerancePercentage !== undefined && { FailureTolerancePercentage }),
      ...(MaxConcurrentPercentage !== undefined && { MaxConcurrentPercentage }),
    },
  };
}

/** An operation begun twice is begun once: its id is the action's. */
export async function begin(
  job: Job,
  call: string,
  asked: Promise<{ OperationId?: string | undefined }>,
): Promise<Outcome> {
  const begun = asked.catch((error): { OperationId?: string } => {
    if (/OperationIdAlreadyExists/.test(error.name)) return {};
    throw error;
  });
  const { OperationId = job.run.actionExecutionId } = await explain(
    begun,
    callFailure(SERVICE, call),
  );
  return { state: 'running', progress: { externalExecutionId: OperationId } };
}

export async function lookAtOperation(job: Job): Promise<Outcome> {
  const aws = await cloudformation(job);
  const StackSetName = requiredSetting(job, 'StackSetName');
  const OperationId = job.run.progress.externalExecutionId ?? '';
  const { StackSetOperation: operation = {} } = await explain(
    aws.client.send(new aws.DescribeStackSetOperationCommand({ StackSetName, OperationId })),
    callFailure(SERVICE, 'describeStackSetOperation'),
  );
  const { Status: status = '', StatusReason: reason, StackSetId = StackSetName } = operation;
  if (['RUNNING', 'QUEUED', 'STOPPING'].includes(status)) return { state: 'running', progress: {} };
  const summary = `Stack set operation ${OperationId}: ${status}${reason ? ` (${reason})` : ''}`;
  return status === 'SUCCEEDED'
    ? { state: 'succeeded', progress: { summary }, outputVariables: { OperationId, StackSetId } }
    : { state: 'failed', progress: { summary }, code: 'JobFailed', message: summary };
}
