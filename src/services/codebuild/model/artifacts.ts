import type { ProjectArtifacts } from '@aws-sdk/client-codebuild';
import { ownValue } from '../../../lib/own.ts';
import type { BuildInputs } from './build-record.ts';
import type { ArtifactSpec, Buildspec } from './buildspec.ts';
import { compileGlobs } from './globs.ts';

/** One artifact that has to be uploaded: what the project (or pipeline) wants, and what the buildspec gives. */
export interface ArtifactPlan {
  /** Empty for the primary one. */
  identifier: string;
  target: ProjectArtifacts;
  spec: ArtifactSpec;
}

/** Name by which the driver reports an artifact's evaluated name; ids have no space. */
const PRIMARY = 'primary';
const VARIABLE = /\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))/g;

/** All artifacts of a build that go somewhere. Secondary ones must be in the buildspec by their id (CB-D5). */
export function planArtifacts(
  inputs: BuildInputs,
  spec: Buildspec,
): { plans: ArtifactPlan[]; missing: string[] } {
  const plans: ArtifactPlan[] = [];
  const missing: string[] = [];
  if (goesSomewhere(inputs.artifacts) && spec.artifacts) {
    plans.push({ identifier: '', target: inputs.artifacts, spec: spec.artifacts });
  }
  for (const target of inputs.secondaryArtifacts.filter(goesSomewhere)) {
    const identifier = target.artifactIdentifier ?? '';
    const found = ownValue(spec.secondaryArtifacts, identifier);
    if (found) plans.push({ identifier, target, spec: found });
    else missing.push(identifier);
  }
  return { plans, missing };
}

function goesSomewhere(target: ProjectArtifacts): boolean {
  return target.type !== 'NO_ARTIFACTS' && Boolean(target.location);
}

/** Names that the shell evaluates at the end of the build (CB-A22), by artifact. */
export function nameExpressions(inputs: BuildInputs, spec: Buildspec): Record<string, string> {
  return Object.fromEntries(
    planArtifacts(inputs, spec).plans.flatMap(({ identifier, target, spec: { name } }) =>
      target.overrideArtifactName && name ? [[identifier || PRIMARY, name]] : [],
    ),
  );
}

/** Variables that the paths of artifacts use: their values are those at the end of the build. */
export function neededVariables(spec: Buildspec): string[] {
  const specs = [
    ...(spec.artifacts ? [spec.artifacts] : []),
    ...Object.values(spec.secondaryArtifacts),
  ];
  const texts = specs.flatMap((each) => [
    ...each.files,
    ...each.excludePaths,
    each.baseDirectory ?? '',
  ]);
  return texts.flatMap((text) =>
    [...text.matchAll(VARIABLE)].map((match) => match[1] ?? match[2] ?? ''),
  );
}

/** What of the source goes into an artifact, and under which name. */
export interface Selection {
  /** Absolute directory in the work's tree. */
  directory: string;
  /** The name in the artifact of a file below `directory`, or undefined when it is not part of it. */
  nameOf(path: string): string | undefined;
}

/** @param sourceDirectory of the primary source, absolute @param variables last values, for `$NAME` in paths */
export function selectFiles(
  spec: ArtifactSpec,
  sourceDirectory: string,
  variables: Record<string, string>,
): Selection {
  const expand = (text: string) =>
    text.replace(VARIABLE, (_, braced, plain) => ownValue(variables, braced ?? plain) ?? '');
  const inSource = (text: string) => {
    const path = expand(text).trim();
    const relative = path.startsWith(`${sourceDirectory}/`)
      ? path.slice(sourceDirectory.length + 1)
      : path;
    return relative.replace(/^(\.?\/)+/, '');
  };
  const base = expand(spec.baseDirectory ?? '');
  const isGlob = /[*?[{]/.test(base);
  const absolute = base.startsWith(`${sourceDirectory}/`) || base === sourceDirectory;
  const directory =
    isGlob || !base
      ? sourceDirectory
      : absolute
        ? base
        : `${sourceDirectory}/${base.replace(/^(\.?\/)+|^\.$/, '')}`;
  const stripBase = isGlob ? baseStripper(inSource(base)) : (path: string) => path;
  const included = compileGlobs(spec.files.map(inSource));
  const excluded =
    spec.excludePaths.length > 0 ? compileGlobs(spec.excludePaths.map(inSource)) : () => false;
  return {
    directory: directory.replace(/\/$/, ''),
    nameOf(path) {
      const inBase = stripBase(path);
      if (inBase === undefined || !included(inBase) || excluded(inBase)) return undefined;
      return spec.discardPaths ? (inBase.split('/').at(-1) ?? inBase) : inBase;
    },
  };
}

/** A base directory that is a pattern: the directories that match are taken off the names (CB-A22). */
function baseStripper(pattern: string): (path: string) => string | undefined {
  const depth = pattern.replace(/\/$/, '').split('/').length;
  const matches = compileGlobs([pattern.replace(/\/$/, '')]);
  return (path) => {
    const parts = path.split('/');
    if (parts.length <= depth || !matches(parts.slice(0, depth).join('/'))) return undefined;
    return parts.slice(depth).join('/');
  };
}

/**
 * The key of an artifact: of its ZIP file, or of the folder that its files go to (CB-D1).
 * @param names what the driver reported for names that the shell evaluates
 */
export function artifactKey(
  { identifier, target, spec }: ArtifactPlan,
  build: { projectName: string; uuid: string },
  names: Record<string, string>,
): string {
  // A pipeline says exactly where.
  const evaluated = ownValue(names, identifier || PRIMARY);
  const name =
    (target.overrideArtifactName && evaluated) ||
    target.name ||
    (target.type === 'S3' ? build.projectName : '');
  const buildId = target.namespaceType === 'BUILD_ID';
  const prefix = buildId && spec.s3Prefix ? [spec.s3Prefix] : [];
  const parts = [...prefix, target.path ?? '', buildId ? build.uuid : '', name === '/' ? '' : name];
  return parts
    .map((part) => part.replace(/^\/+/, '').replace(/(?<!\/)\/+$/, ''))
    .filter((part) => part !== '')
    .join('/');
}
