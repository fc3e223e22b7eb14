import { unsupported } from '../../../aws/errors.ts';
import { ownValue } from '../../../lib/own.ts';
import { invalidAction } from '../errors.ts';
import { type ActionType, findActionType, isKnownButNotBuilt } from './catalogue.ts';
import type { Action } from './declaration.ts';

/** Checks one action against its action type (CP-A30..A33, CP-A35). @throws InvalidActionDeclarationException */
export function validateAction(action: Action, place: { region: string }): void {
  if (action.actionTypeId.provider === 'Commands' && !action.commands?.length) {
    throw invalidAction(`Action ${action.name} must have a non-empty commands field`);
  }
  const type = findActionType(action.actionTypeId);
  if (!type) throw notAvailable(action, place.region);
  if (action.region !== undefined && action.region !== place.region) {
    throw unsupported(
      `actions outside the pipeline's region (action '${action.name}' is in '${action.region}')`,
    );
  }
  validateCount(action, 'input', action.inputArtifacts.length, type.inputs);
  validateCount(action, 'output', action.outputArtifacts.length, type.outputs);
  validateMembers(action);
  validateKeys(action, type);
  if (action.timeoutInMinutes !== undefined && type.id.category !== 'Approval') {
    throw invalidAction(
      `Action '${action.name}': timeoutInMinutes is only supported for manual approval actions`,
    );
  }
  ownValue(providerRules, type.id.provider)?.(action);
}

function notAvailable(action: Action, region: string): Error {
  const { category, provider, owner, version } = action.actionTypeId;
  if (isKnownButNotBuilt(action.actionTypeId))
    return unsupported(`the action provider '${provider}' (action '${action.name}')`);
  const place = region.toUpperCase().replaceAll('-', '_');
  return invalidAction(
    `ActionType (Category: '${category}', Provider: '${provider}', Owner: '${owner}', Version: '${version}') in action '${action.name}' is not available in region '${place}'`,
  );
}

function validateCount(
  action: Action,
  side: 'input' | 'output',
  count: number,
  [min, max]: [number, number],
): void {
  const declares = `Action ${action.name} declares ${count} ${side} artifacts which is`;
  if (count < min) throw invalidAction(`${declares} less than the minimum count (${min})`);
  if (count > max) throw invalidAction(`${declares} more than the maximum count (${max})`);
}

/** Members of an action that only actions with compute of CodePipeline's own have (CP-A14, CP-B7, CP-B18): none is built. */
function validateMembers(action: Action): void {
  const { commands, outputVariables, environmentVariables, outputArtifacts } = action;
  const files = outputArtifacts.flatMap((artifact) => artifact.files ?? []);
  const members = {
    commands,
    outputVariables,
    environmentVariables,
    'outputArtifacts.files': files,
  };
  for (const [name, value] of Object.entries(members)) {
    if (!value?.length) continue;
    throw invalidAction(
      `Action '${action.name}': ${name} is not supported for actions of the provider '${action.actionTypeId.provider}'`,
    );
  }
}

/** Keys that AWS knows and Slipway does not do yet, by provider. */
const refusedKeys: Record<string, string[]> = {
  CodeBuild: ['BatchEnabled', 'CombineArtifacts'],
  Manual: ['NotificationArn'],
};

function validateKeys(action: Action, type: ActionType): void {
  for (const key of type.keys) {
    if (key.required && !action.configuration[key.name]) {
      throw invalidAction(
        `Action configuration for action '${action.name}' is missing required configuration '${key.name}'`,
      );
    }
  }
  const refused = ownValue(refusedKeys, type.id.provider) ?? [];
  const known = new Set(type.keys.map((key) => key.name));
  for (const [name, value] of Object.entries(action.configuration)) {
    if (refused.includes(name) && value !== 'false') {
      throw unsupported(`the configuration '${name}' (action '${action.name}')`);
    }
    if (!known.has(name) && !refused.includes(name)) {
      throw invalidAction(
        `Action configuration for action '${action.name}' contains unknown configuration '${name}'`,
      );
    }
  }
}

/** What the values of a provider's configuration must be. */
const providerRules: Record<string, (action: Action) => void> = {
  CodeBuild(action) {
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
    validateEnvironment(action);
  },
  CodeCommit(action) {
    oneOf(action, 'PollForSourceChanges', ['true', 'false']);
    oneOf(action, 'OutputArtifactFormat', ['CODE_ZIP', 'CODEBUILD_CLONE_REF']);
    if (action.configuration.OutputArtifactFormat === 'CODEBUILD_CLONE_REF') {
      throw unsupported(`the OutputArtifactFormat CODEBUILD_CLONE_REF (action '${action.name}')`);
    }
  },
  S3(action) {
    oneOf(action, 'PollForSourceChanges', ['true', 'false']);
    oneOf(action, 'AllowOverrideForS3ObjectKey', ['true', 'false']);
    oneOf(action, 'Extract', ['true', 'false']);
    if (action.configuration.Extract === 'false' && !action.configuration.ObjectKey) {
      throw invalidAction(
        `Action configuration for action '${action.name}' is missing required configuration 'ObjectKey': it is needed when Extract is false`,
      );
    }
  },
};

function oneOf(action: Action, key: string, values: string[]): void {
  const value = action.configuration[key];
  if (value === undefined || value.includes('#{') || values.includes(value)) return;
  throw invalidAction(
    `Action configuration for action '${action.name}' has the value '${value}' for '${key}'; it must be one of: ${values.join(', ')}`,
  );
}

export interface BuildEnvironmentVariable {
  name: string;
  value: string;
  type: 'PLAINTEXT' | 'PARAMETER_STORE' | 'SECRETS_MANAGER';
}

function validateEnvironment(action: Action): void {
  const text = action.configuration.EnvironmentVariables;
  if (text === undefined) return;
  // A reference can stand where JSON is not text, so only the final value is judged when there is one.
  if (text.includes('#{')) return;
  const parsed = parseEnvironment(text);
  if (typeof parsed === 'string') {
    throw invalidAction(`Action '${action.name}': EnvironmentVariables ${parsed}`);
  }
}

/** The variables of a CodeBuild action's EnvironmentVariables, or what is wrong with it (CP-B6). */
export function parseEnvironment(text: string): BuildEnvironmentVariable[] | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'is not valid JSON';
  }
  if (!Array.isArray(value)) return 'must be a JSON array of objects with name, value and type';
  const variables: BuildEnvironmentVariable[] = [];
  for (const entry of value as Record<string, unknown>[]) {
    const type = entry?.type ?? 'PLAINTEXT';
    if (typeof entry?.name !== 'string' || typeof entry.value !== 'string') {
      return 'must be a JSON array of objects with name, value and type';
    }
    if (type !== 'PLAINTEXT' && type !== 'PARAMETER_STORE' && type !== 'SECRETS_MANAGER') {
      return `has the type '${String(type)}' for '${entry.name}'; it must be one of: PLAINTEXT, PARAMETER_STORE, SECRETS_MANAGER`;
    }
    variables.push({ name: entry.name, value: entry.value, type });
  }
  return variables;
}
