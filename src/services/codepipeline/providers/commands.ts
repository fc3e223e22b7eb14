import { invalidAction } from '../errors.ts';
import type { Action } from '../model/declaration.ts';
import type { OwnInput } from '../model/state.ts';
import { defineActionType } from './action-type.ts';
import { lookAtManagedBuild, managedBuildEnded, startManagedBuild } from './managed-build.ts';

/** Shell commands, in a build that needs no project (CP-B7). */
export const commands = defineActionType({
  categories: ['Compute'],
  provider: 'Commands',
  inputs: [1, 10],
  outputs: [0, 1],
  timeoutMinutes: 60,
  configuration: [],
  members: {
    commands: 'required',
    outputVariables: 'optional',
    environmentVariables: 'optional',
    'outputArtifacts.files': 'optional',
  },
  rules,
  // Those that it lists.
  outputVariables: 'any',
  links: {
    execution: { console: 'codebuild', fragment: '/builds/{ExternalExecutionId}/view/new' },
  },
  hears: [managedBuildEnded('commands-ended')],

  start(job) {
    const {
      commands = [],
      outputVariables = [],
      files = [],
      environmentVariables = [],
    } = job.run.input.own ?? {};
    const variables = environmentVariables.map(({ name, value, type }) => ({
      ...{ name, value },
      type: type === 'SECRETS_MANAGER' ? ('SECRETS_MANAGER' as const) : ('PLAINTEXT' as const),
    }));
    return startManagedBuild(job, { commands, exported: outputVariables, files, variables });
  },
  look: lookAtManagedBuild,
});

function rules({ name, commands = [], environmentVariables = [] }: Action): void {
  if (commands.some((command) => /[\r\n]/.test(command)))
    throw invalidAction(`Action '${name}': a command must stand in one line`);
  const names = (environmentVariables as NonNullable<OwnInput['environmentVariables']>).map(
    (variable) => variable.name,
  );
  const twice = names.find((one, i) => names.indexOf(one) !== i);
  if (twice !== undefined)
    throw invalidAction(`Action '${name}': the environment variable '${twice}' is given twice`);
}
