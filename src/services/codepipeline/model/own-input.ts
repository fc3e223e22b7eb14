import type { Action } from './declaration.ts';
import type { OwnInput } from './state.ts';
import { type Resolution, resolveConfiguration, type Variables } from './variables.ts';

type Own = { ok: true; own?: OwnInput } | Extract<Resolution, { ok: false }>;

/**
 * What an action says beside its configuration, with variables in place. In commands only references to namespaces that
 * there are count as such: a shell, or what it starts, may mean something else by `#{…}`.
 */
export function ownInput(action: Action, variables: Variables): Own {
  const { commands, outputVariables, environmentVariables } = action;
  const files = action.outputArtifacts.flatMap((artifact) => artifact.files ?? []);
  if (!commands && !environmentVariables) return { ok: true };
  const given = (environmentVariables ?? []) as NonNullable<OwnInput['environmentVariables']>;
  const values = resolveConfiguration(
    Object.fromEntries(given.map(({ value }, i) => [`${i}`, value])),
    variables,
  );
  if (!values.ok) return values;
  const lines = resolveConfiguration(
    Object.fromEntries((commands ?? []).map((command, i) => [`${i}`, command])),
    variables,
    (namespace) => Object.hasOwn(variables, namespace),
  );
  if (!lines.ok) return lines;
  return {
    ok: true,
    own: {
      commands: Object.values(lines.configuration),
      ...(outputVariables && { outputVariables }),
      environmentVariables: given.map((variable, i) => ({
        ...variable,
        value: values.configuration[`${i}`] ?? '',
      })),
      files,
    },
  };
}
