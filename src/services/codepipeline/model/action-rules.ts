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
import { type Path, type Problems, thrownBy } from './problems.ts';

/** Where a pipeline lives, and the action types that are there. */
export interface Place extends Catalogue {
  region: string;
}

/** All that is wrong with one action for its action type (CP-A30..A33, CP-A35). @param at of the action */
export function* actionProblems(action: Action, place: Place, at: Path): Problems {
  yield* regionProblems(action, place, at);
  const { category } = action.actionTypeId;
  const timed = category === 'Approval' || category === 'Rule';
  if (action.timeoutInMinutes !== undefined && !timed) {
    const error = invalidAction(
      `Action '${action.name}': timeoutInMinutes is only supported for manual approval actions`,
    );
    yield { at: [...at, 'timeoutInMinutes'], error, judged: [action.actionTypeId.category] };
  }
  const type = findActionType(place.actionTypes, action.actionTypeId);
  if (!type) {
    yield* notAvailable(action, place, at);
    return;
  }
  yield* memberProblems(action, type.members ?? {}, at);
  yield* countProblems(action, 'input', action.inputArtifacts.length, type.inputs, at);
  yield* countProblems(action, 'output', action.outputArtifacts.length, type.outputs, at);
  yield* keyProblems(action, type, at);
  yield* thrownBy([...at, 'configuration'], () => type.rules?.(action));
}

/** CP-A35 */
function* regionProblems(action: Action, place: Place, at: Path): Problems {
  const { name, region } = action;
  const { category, owner } = action.actionTypeId;
  if (region === undefined || region === place.region) return;
  const here = [...at, 'region'];
  if (category === 'Source' || owner !== 'AWS') {
    const what = category === 'Source' ? 'source actions' : `actions of the owner ${owner}`;
    const error = invalidAction(
      `Action '${name}' is in the region '${region}', not in that of the pipeline: cross-region actions are not supported for ${what}`,
    );
    yield { at: here, error, judged: [category, owner] };
  }
}

function* notAvailable(action: Action, { region, notBuilt }: Place, at: Path): Problems {
  const { category, provider, owner, version } = action.actionTypeId;
  const here = [...at, 'actionTypeId'];
  const known = ownValue(notBuilt, `${category}/${owner}/${provider}`);
  if (known && version === '1') {
    if (known.members) yield* memberProblems(action, known.members, at);
    const error = unsupported(
      `the action provider '${provider}' (action '${action.name}': it takes ${known.lacks})`,
    );
    yield { at: here, error };
    return;
  }
  const place = region.toUpperCase().replaceAll('-', '_');
  const error = invalidAction(
    `ActionType (Category: '${category}', Provider: '${provider}', Owner: '${owner}', Version: '${version}') in action '${action.name}' is not available in region '${place}'`,
  );
  yield { at: here, error, judged: [category, provider, owner, version] };
}

function* countProblems(
  action: Action,
  side: 'input' | 'output',
  count: number,
  [min, max]: readonly [number, number],
  at: Path,
): Problems {
  const declares = `Action ${action.name} declares ${count} ${side} artifacts which is`;
  const here = [...at, `${side}Artifacts`];
  if (count < min) {
    const error = invalidAction(`${declares} less than the minimum count (${min})`);
    yield { at: here, error };
  }
  if (count > max) {
    const error = invalidAction(`${declares} more than the maximum count (${max})`);
    yield { at: here, error };
  }
}

/** Members of an action that only some types have (CP-A14, CP-A32, CP-B7, CP-B18). */
function* memberProblems(action: Action, taken: Members, at: Path): Problems {
  const given: Record<ActionMember, unknown[] | undefined> = {
    commands: action.commands,
    outputVariables: action.outputVariables,
    environmentVariables: action.environmentVariables,
    'outputArtifacts.files': action.outputArtifacts.flatMap((artifact) => artifact.files ?? []),
  };
  for (const [name, value] of Object.entries(given)) {
    const rule = ownValue(taken, name as ActionMember);
    if (rule === 'required' && !value?.length) {
      yield {
        at,
        error: invalidAction(`Action ${action.name} must have a non-empty ${name} field`),
      };
    }
    if (!rule && value?.length) {
      const error = invalidAction(
        `Action '${action.name}': ${name} is not supported for actions of the provider '${action.actionTypeId.provider}'`,
      );
      yield { at: [...at, name.split('.')[0] ?? name], error };
    }
  }
}

function* keyProblems(action: Action, type: ActionFacts, at: Path): Problems {
  const here = [...at, 'configuration'];
  for (const key of type.configuration) {
    if (!key.required || ownValue(action.configuration, key.name)) continue;
    const error = invalidAction(
      `Action configuration for action '${action.name}' is missing required configuration '${key.name}'`,
    );
    yield { at: here, error };
  }
  for (const [name, value] of Object.entries(action.configuration)) {
    const key = type.configuration.find((known) => known.name === name);
    if (key) {
      yield* valueProblems(action, key, value, [...here, name]);
      continue;
    }
    const error = invalidAction(
      `Action configuration for action '${action.name}' contains unknown configuration '${name}'`,
    );
    // Whatever its value is.
    yield { at: here, error, key: name };
  }
}

function* valueProblems(action: Action, key: ConfigurationKey, value: string, at: Path): Problems {
  if (key.unsupported === true && value !== 'false') {
    const error = unsupported(`the configuration '${key.name}' (action '${action.name}')`);
    yield { at, error };
  }
  // What a variable brings is known only when the action starts.
  if (value.includes('#{')) return;
  if (key.type === 'Number' && !isNumber(value)) {
    const error = invalidAction(
      `Action configuration for action '${action.name}' has the value '${value}' for '${key.name}'; it must be a number`,
    );
    yield { at, error };
  }
  if (key.queryable && !QUERYABLE.test(value)) {
    const error = invalidAction(
      `Action configuration for action '${action.name}' has the value '${value}' for the queryable configuration '${key.name}'; it must have at most 20 characters, which are letters, digits, hyphens and underscores`,
    );
    yield { at, error };
  }
  const values = key.values ?? (key.type === 'Boolean' ? ['true', 'false'] : undefined);
  if (values && !values.includes(value)) {
    const error = invalidAction(
      `Action configuration for action '${action.name}' has the value '${value}' for '${key.name}'; it must be one of: ${values.join(', ')}`,
    );
    yield { at, error };
  }
  if (key.unsupported !== true && key.unsupported?.includes(value)) {
    yield { at, error: unsupported(`the ${key.name} ${value} (action '${action.name}')`) };
  }
}

const isNumber = (text: string) => text.trim() !== '' && Number.isFinite(Number(text));

/** CP-C48 */
const QUERYABLE = /^[A-Za-z0-9_-]{1,20}$/;
