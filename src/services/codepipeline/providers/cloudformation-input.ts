import type { CreateStackCommandInput, Parameter, Tag } from '@aws-sdk/client-cloudformation';
import { ownValue, setOwn } from '../../../lib/own.ts';
import { type Job, requiredSetting, setting } from './action-type.ts';
import { artifactFileText, artifactText, inputNamed } from './artifact-files.ts';
import { jsonObject, list, read } from './configuration.ts';
import { ActionFailure } from './failure.ts';

/** CP-A23 */
const MOST_OVERRIDES_BYTES = 1024;

/** ParameterOverrides as JSON. @throws Error for what is none */
export function parameterOverrides(value: string): Record<string, unknown> {
  if (Buffer.byteLength(value) > MOST_OVERRIDES_BYTES)
    throw new Error(`it must have at most ${MOST_OVERRIDES_BYTES} bytes`);
  const overrides = jsonObject(value);
  for (const [name, given] of Object.entries(overrides)) checkOverride(name, given);
  return overrides;
}

function checkOverride(name: string, given: unknown): void {
  if (typeof given === 'string') return;
  const { getAtt, getParam } = functionsOf(given);
  if (isTexts(getAtt, 2) || isTexts(getParam, 3)) return;
  throw new Error(
    `the value of ${name} must be a text, Fn::GetArtifactAtt: [artifact, attribute] or Fn::GetParam: [artifact, file, key]`,
  );
}

function functionsOf(given: unknown): { getAtt: unknown; getParam: unknown } {
  const call = (given ?? {}) as Record<string, unknown>;
  return {
    getAtt: ownValue(call, 'Fn::GetArtifactAtt'),
    getParam: ownValue(call, 'Fn::GetParam'),
  };
}

const isTexts = (value: unknown, count: number): value is string[] =>
  Array.isArray(value) && value.length === count && value.every((v) => typeof v === 'string');

async function overrideValue(job: Job, given: unknown): Promise<string> {
  if (typeof given === 'string') return given;
  const { getAtt, getParam } = functionsOf(given);
  if (isTexts(getParam, 3)) return paramOf(job, getParam as [string, string, string]);
  const [artifactName = '', attribute = ''] = getAtt as string[];
  const { bucket, key } = inputNamed(job, artifactName);
  const attributes: Record<string, string> = {
    BucketName: bucket,
    ObjectKey: key,
    URL: `${job.base}/${bucket}/${key}`,
  };
  const value = ownValue(attributes, attribute);
  if (value !== undefined) return value;
  throw new ActionFailure(
    'ConfigurationError',
    `Fn::GetArtifactAtt: an artifact has no attribute '${attribute}', but BucketName, ObjectKey and URL`,
  );
}

async function paramOf(job: Job, [artifact, path, key]: [string, string, string]): Promise<string> {
  const file = jsonFile(path, await artifactText(job, inputNamed(job, artifact), path));
  const value = ownValue(file, key);
  if (typeof value === 'string') return value;
  if (value !== undefined) return JSON.stringify(value);
  throw new ActionFailure(
    'ConfigurationError',
    `Fn::GetParam: the file ${path} of artifact ${artifact} has no '${key}'`,
  );
}

function jsonFile(name: string, text: string): Record<string, unknown> {
  try {
    return jsonObject(text);
  } catch (error) {
    throw new ActionFailure('ConfigurationError', `${name}: ${(error as Error).message}`);
  }
}

/** What a template configuration file says. */
interface TemplateConfiguration {
  parameters: Record<string, string>;
  tags?: Tag[];
  stackPolicy?: string;
}

async function templateConfiguration(job: Job): Promise<TemplateConfiguration> {
  const named = setting(job, 'TemplateConfiguration');
  if (!named) return { parameters: {} };
  const { Parameters, Tags, StackPolicy, ...others } = jsonFile(
    named,
    await artifactFileText(job, named),
  );
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new ActionFailure(
      'ConfigurationError',
      `The template configuration ${named} has an unknown member '${unknown}'`,
    );
  const tags = Object.entries(textMap(named, 'Tags', Tags));
  return {
    parameters: textMap(named, 'Parameters', Parameters),
    ...(Tags !== undefined && { tags: tags.map(([Key, Value]) => ({ Key, Value })) }),
    ...(StackPolicy !== undefined && { stackPolicy: JSON.stringify(StackPolicy) }),
  };
}

function textMap(file: string, member: string, value: unknown): Record<string, string> {
  const entries = Object.entries((value ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    entries.map(([name, given]) => {
      if (!['string', 'number', 'boolean'].includes(typeof given))
        throw new ActionFailure('ConfigurationError', `${file}: ${member}.${name} must be a text`);
      return [name, String(given)];
    }),
  );
}

/** What a stack, or a change set, is made of: template, parameters, tags, policy, capabilities and role. */
export async function stackInput(job: Job) {
  const { parameters, tags, stackPolicy } = await templateConfiguration(job);
  const overrides = read(job, 'ParameterOverrides', parameterOverrides) ?? {};
  for (const [name, given] of Object.entries(overrides))
    setOwn(parameters, name, await overrideValue(job, given));
  const roleArn = setting(job, 'RoleArn');
  return {
    ...{ StackName: requiredSetting(job, 'StackName') },
    TemplateBody: await artifactFileText(job, requiredSetting(job, 'TemplatePath')),
    Parameters: parameterList(parameters),
    ...(tags && { Tags: tags }),
    ...(stackPolicy !== undefined && { StackPolicyBody: stackPolicy }),
    Capabilities: read(job, 'Capabilities', list) as CreateStackCommandInput['Capabilities'],
    ...(roleArn && { RoleARN: roleArn }),
  };
}

function parameterList(parameters: Record<string, string>): Parameter[] {
  return Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
    ParameterKey,
    ParameterValue,
  }));
}
