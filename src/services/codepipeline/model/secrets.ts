import { type ActionFacts, findActionType } from './action-type.ts';
import { type Action, type ActionTypeId, findStage, type Pipeline } from './declaration.ts';

/** What stands for the value of a secret key in every answer (CP-A45). */
export const MASK = '****';

type Configuration = Record<string, string>;

/** A configuration for those outside: without the values of its type's secret keys. */
export function maskConfiguration(
  types: readonly ActionFacts[],
  id: ActionTypeId,
  configuration: Configuration,
): Configuration {
  return replaceSecrets(types, id, configuration, () => MASK);
}

/** A pipeline for those outside. */
export function maskPipeline(types: readonly ActionFacts[], pipeline: Pipeline): Pipeline {
  return eachAction(pipeline, ({ actionTypeId, configuration }) =>
    maskConfiguration(types, actionTypeId, configuration),
  );
}

/** A new structure with the secrets of the one before where masks came back: for actions of the same stage, name and type. */
export function unmaskPipeline(
  types: readonly ActionFacts[],
  pipeline: Pipeline,
  before: Pipeline,
): Pipeline {
  return eachAction(pipeline, ({ name, actionTypeId, configuration }, stage) => {
    const earlier = findStage(before, stage)?.actions.find((action) => action.name === name);
    const type = findActionType(types, actionTypeId);
    if (!earlier || type !== findActionType(types, earlier.actionTypeId)) return configuration;
    const known = new Map(Object.entries(earlier.configuration));
    return replaceSecrets(types, actionTypeId, configuration, (key, value) =>
      value === MASK ? (known.get(key) ?? value) : value,
    );
  });
}

function eachAction(
  pipeline: Pipeline,
  configurationOf: (action: Action, stage: string) => Configuration,
): Pipeline {
  return {
    ...pipeline,
    stages: pipeline.stages.map((stage) => ({
      ...stage,
      actions: stage.actions.map((action) => ({
        ...action,
        configuration: configurationOf(action, stage.name),
      })),
    })),
  };
}

function replaceSecrets(
  types: readonly ActionFacts[],
  id: ActionTypeId,
  configuration: Configuration,
  replacement: (key: string, value: string) => string,
): Configuration {
  const keys = findActionType(types, id)?.configuration ?? [];
  const secret = new Set(keys.filter((key) => key.secret).map((key) => key.name));
  if (secret.size === 0) return configuration;
  return Object.fromEntries(
    Object.entries(configuration).map(([key, value]) => [
      key,
      secret.has(key) ? replacement(key, value) : value,
    ]),
  );
}
