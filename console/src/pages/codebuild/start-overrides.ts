import type {
  ComputeType,
  EnvironmentVariable,
  StartBuildCommandInput,
} from '@aws-sdk/client-codebuild';

/** What a build is started with that its project has not. Pure. */

/** What a dialog begins with: the project's own, or those of a build that is started again. */
export interface StartFrom {
  project: string;
  sourceVersion?: string | undefined;
  buildspec?: string | undefined;
  image?: string | undefined;
  computeType?: ComputeType | undefined;
  timeout?: number | undefined;
  variables: readonly EnvironmentVariable[];
}

const KEYS = ['sourceVersion', 'buildspec', 'image', 'computeType', 'timeout'] as const;
export type Overridden = (typeof KEYS)[number];

const same = (a: readonly EnvironmentVariable[], b: readonly EnvironmentVariable[]) =>
  JSON.stringify(a) === JSON.stringify(b);

/** Members of StartBuild for what differs from the project alone. */
export function overrides(from: StartFrom, to: StartFrom, debug: boolean): StartBuildCommandInput {
  const changed = <K extends Overridden>(key: K) =>
    to[key] === from[key] || to[key] === '' ? undefined : to[key];
  return {
    projectName: to.project,
    sourceVersion: changed('sourceVersion'),
    buildspecOverride: changed('buildspec'),
    imageOverride: changed('image'),
    computeTypeOverride: changed('computeType'),
    timeoutInMinutesOverride: changed('timeout'),
    environmentVariablesOverride: same(from.variables, to.variables)
      ? undefined
      : to.variables.filter(({ name }) => name !== ''),
    debugSessionEnabled: debug || undefined,
  };
}

const isEmpty = (value: unknown) => value === undefined || value === '';

/** What the project has and the dialog no more: StartBuild would take the project's, which is not what it shows. */
export const emptied = (from: StartFrom, to: StartFrom): ReadonlySet<Overridden> =>
  new Set(KEYS.filter((key) => !isEmpty(from[key]) && isEmpty(to[key])));
