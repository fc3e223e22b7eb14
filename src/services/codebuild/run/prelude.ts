import type { SourceDirectory } from '../model/build-record.ts';
import { type Buildspec, SPEC_PHASES } from '../model/buildspec.ts';
import type { Session } from './session.ts';

/** The first lines of a build's log; what this server does not do is said here, not passed over. */
export function prelude(
  { stored }: Session,
  spec: Buildspec,
  sources: SourceDirectory[],
  {
    image,
    runtimes,
    ...warnings
  }: {
    /** Undefined where there are none. */
    image: { name: string; digest: string | undefined } | undefined;
    runtimes: Record<string, string>;
    sources: string[];
    variables: string[];
    cache: string[];
  },
): string[] {
  const { environment } = stored.inputs;
  const phases = SPEC_PHASES.filter((name) => spec.phases[name]);
  return [
    `CODEBUILD_SRC_DIR=${sources[0]?.directory ?? ''}`,
    imageLine(environment.image ?? '', image),
    ...warnings.sources,
    'Processing environment variables',
    ...warnings.variables,
    'Phase complete: DOWNLOAD_SOURCE State: SUCCEEDED',
    'Phase context status code:  Message: ',
    ...Object.entries(runtimes).map(
      ([name, version]) =>
        `Selecting '${name}' runtime version '${version}' based on manual selections...`,
    ),
    ...(spec.proxied.length > 0
      ? [
          `Skipping proxy: ${spec.proxied.join(', ')}: the server sends them itself, through no proxy.`,
        ]
      : []),
    ...warnings.cache,
    `Phases found in YAML: ${phases.length}`,
    ...phases.map(
      (name) => ` ${name.toUpperCase()}: ${spec.phases[name]?.commands.length ?? 0} commands`,
    ),
  ];
}

function imageLine(asked: string, used: { name: string; digest: string | undefined } | undefined) {
  if (!used) return `Running as a process of the build machine; image ${asked} is not used`;
  const place = used.name === asked ? '' : `, in place of ${asked}`;
  return `Running in image ${used.name}${used.digest ? ` (${used.digest})` : ''}${place}`;
}

/** What a privileged build has not got, as the machine has not. */
export function lackedLines(lacks: string[]): string[] {
  if (lacks.length === 0) return [];
  const names = lacks.map((name) => `CAP_${name}`).join(', ');
  return [
    `Privileged without ${names}, which the Docker Engine's machine lacks: /sys is mounted read-only until it is mounted anew`,
  ];
}
