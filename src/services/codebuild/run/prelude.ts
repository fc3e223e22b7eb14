import type { SourceDirectory } from '../model/build-record.ts';
import { type Buildspec, SPEC_PHASES } from '../model/buildspec.ts';
import type { Session } from './session.ts';

/** The first lines of a build's log; what this server does not do is said here, not passed over. */
export function prelude(
  { stored }: Session,
  spec: Buildspec,
  sources: SourceDirectory[],
  { image, ...warnings }: { image: boolean; sources: string[]; variables: string[] },
): string[] {
  const { environment } = stored.inputs;
  const phases = SPEC_PHASES.filter((name) => spec.phases[name]);
  const runtimes = Object.entries(spec.runtimeVersions);
  return [
    `CODEBUILD_SRC_DIR=${sources[0]?.directory ?? ''}`,
    ...(image
      ? []
      : [`Running as a process of the build machine; image ${environment.image} is not used`]),
    ...warnings.sources,
    'Processing environment variables',
    ...warnings.variables,
    'Phase complete: DOWNLOAD_SOURCE State: SUCCEEDED',
    'Phase context status code:  Message: ',
    ...(runtimes.length > 0
      ? [
          `Skipping install of runtimes ${runtimes.map(([name, version]) => `${name} ${version}`).join(', ')}. Runtime version selection is not supported by this build image.`,
        ]
      : []),
    ...(spec.cachePaths.length > 0
      ? ['Skipping cache: caches are not supported by Slipway yet.']
      : []),
    `Phases found in YAML: ${phases.length}`,
    ...phases.map(
      (name) => ` ${name.toUpperCase()}: ${spec.phases[name]?.commands.length ?? 0} commands`,
    ),
  ];
}
