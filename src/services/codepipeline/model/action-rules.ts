import { unsupported } from '../../../aws/errors.ts';
import { ownValue } from '../../../lib/own.ts';
import { invalidAction } from '../errors.ts';
import {
  type ActionFacts,
  type ActionMember,
  type Catalogue,
  type ConfigurationKey,
  findActionType,
  type Members,
} from './action-type.ts';
import type { Action } from './declaration.ts';

/** Where a pipeline lives, and the action types that are there. */
export interface Place extends Catalogue {
  region: string;
}

/** Checks one action against its action type (CP-A30..A33, CP-A35). @throws InvalidActionDeclarationException */
export function validateAction(action: Action, place: Place): void {
  const type = findActionType(place.actionTypes, action.actionTypeId);
  if (!type) throw notAvailable(action, place);
  if (action.region !== undefined && action.region !== place.region) {
    if (type.worker)
      throw invalidAction(
        `Action '${action.name}' is in the region '${action.region}': cross-region actions are not supported for custom and third-party action types`,
      );
    throw unsupported(
      `actions outside the pipeline's region (action '${action.name}' is in '${action.region}')`,
    );
  }
  validateCount(action, 'input', action.inputArtifacts.length, type.inputs);
  validateCount(action, 'output', action.outputArtifacts.length, type.outputs);
  validateMembers(action, type.members ?? {});
  validateKeys(action, type);
  if (action.timeoutInMinutes !== undefined && action.actionTypeId.category !== 'Approval') {
    throw invalidAction(
      `Action '${action.name}': timeoutInMinutes is only supported for manual approval actions`,
    );
  }
  type.rules?.(action);
}

function notAvailable(action: Action, { region, notBuilt }: Place): Error {
  const { category, provider, owner, version } = action.actionTypeId;
  const known = ownValue(notBuilt, `${category}/${owner}/${provider}`);
  if (known) {
    if (known.members) validateMembers(action, known.members);
    return unsupported(`the action provider '${provider}' (action '${action.name}')`);
  }
  const place = region.toUpperCase().replaceAll('-', '_');
  return invalidAction(
    `ActionType (Category: '${category}', Provider: '${provider}', Owner: '${owner}', Version: '${version}') in action '${action.name}' is not available in region '${place}'`,
  );
}

function validateCount(
  action: Action,
  side: 'input' | 'output',
  count: number,
  [min, max]: readonly [number, number],
): void {
  const declares = `Action ${action.name} declares ${count} ${side} artifacts which is`;
  if (count < min) throw invalidAction(`${declares} less than the minimum count (${min})`);
  if (count > max) throw invalidAction(`${declares} more than the maximum count (${max})`);
}

/** Members of an action that only some types have (CP-A14, CP-A32, CP-B7, CP-B18). */
function validateMembers(action: Action, taken: Members): void {
  const given: Record<ActionMember, unknown[] | undefined> = {
    commands: action.commands,
    outputVariables: action.outputVariables,
    environmentVariables: action.environmentVariables,
    'outputArtifacts.files': action.outputArtifacts.flatMap((artifact) => artifact.files ?? []),
  };
  for (const [name, value] of Object.entries(given)) {
    const rule = ownValue(taken, name as ActionMember);
    if (rule === 'required' && !value?.length) {
      throw invalidAction(`Action ${action.name} must have a non-empty ${name} field`);
    }
    if (!rule && value?.length) {
      throw invalidAction(
        `Action '${action.name}': ${name} is not supported for actions of the provider '${action.actionTypeId.provider}'`,
      );
    }
  }
}

function validateKeys(action: Action, type: ActionFacts): void {
  for (const key of type.configuration) {
    if (key.required && !ownValue(action.configuration, key.name)) {
      throw invalidAction(
        `Action configuration for action '${action.name}' is missing required configuration '${key.name}'`,
      );
    }
  }
  for (const [name, value] of Object.entries(action.configuration)) {
    const key = type.configuration.find((known) => known.name === name);
    if (!key) {
      throw invalidAction(
        `Action configuration for action '${action.name}' contains unknown configuration '${name}'`,
      );
    }
    validateValue(action, key, value);
  }
}

function validateValue(action: Action, key: ConfigurationKey, value: string): void {
  if (key.unsupported === true && value !== 'false') {
    throw unsupported(`the configuration '${key.name}' (action '${action.name}')`);
  }
  // What a variable brings is known only when the action starts.
  if (value.includes('#{')) return;
  if (key.type === 'Number' && !isNumber(value)) {
    throw invalidAction(
      `Action configuration for action '${action.name}' has the value '${value}' for '${key.name}'; it must be a number`,
    );
  }
  if (key.queryable && !QUERYABLE.test(value)) {
    throw invalidAction(
      `Action configuration for action '${action.name}' has the value '${value}' for the queryable configuration '${key.name}'; it must have at most 20 characters, which are letters, digits, hyphens and underscores`,
    );
  }
  const values = key.values ?? (key.type === 'Boolean' ? ['true', 'false'] : undefined);
  if (values && !values.includes(value)) {
    throw invalidAction(
      `Action configuration for action '${action.name}' has the value '${value}' for '${key.name}'; it must be one of: ${values.join(', ')}`,
    );
  }
  if (key.unsupported !== true && key.unsupported?.includes(value)) {
    throw unsupported(`the ${key.name} ${value} (action '${action.name}')`);
  }
}

const isNumber = (text: string) => text.trim() !== '' && Number.isFinite(Number(text));

/** CP-C48 */
const QUERYABLE = /^[A-Za-z0-9_-]{1,20}$/;
