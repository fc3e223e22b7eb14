import type { ProjectArtifacts } from '@aws-sdk/client-codebuild';
import { ownValue } from '../../../lib/own.ts';
import type { BuildInputs } from './build-record.ts';
import type { Buildspec } from './buildspec.ts';
import type { ArtifactSpec } from './buildspec-artifacts.ts';
import { VARIABLE } from './file-choice.ts';
import { s3Arn, withoutS3Arn } from './s3-location.ts';

/** One artifact that has to be uploaded: what the project (or pipeline) wants, and what the buildspec gives. */
export interface ArtifactPlan {
  /** Empty for the primary one. */
  identifier: string;
  target: ProjectArtifacts;
  spec: ArtifactSpec;
}

/** Name by which the driver reports an artifact's evaluated name; ids have no space. */
const PRIMARY = 'primary';

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

/** Variables that the paths of artifacts and reports use: their values are those at the end of the build. */
export function neededVariables(spec: Buildspec): string[] {
  const specs = [
    ...(spec.artifacts ? [spec.artifacts] : []),
    ...Object.values(spec.secondaryArtifacts),
  ];
  const texts = [...specs, ...Object.values(spec.reports)].flatMap((each) => [
    ...each.files,
    ...('excludePaths' in each ? each.excludePaths : []),
    each.baseDirectory ?? '',
  ]);
  return texts.flatMap((text) =>
    [...text.matchAll(VARIABLE)].map((match) => match[1] ?? match[2] ?? ''),
  );
}

/**
 * The key of an artifact: of its ZIP file, or of the folder that its files go to (CB-D1).
 * @param names what the driver reported for names that the shell evaluates
 */
export function artifactKey(
  {
    identifier,
    target,
    spec,
  }: Pick<ArtifactPlan, 'target'> & Partial<Pick<ArtifactPlan, 'identifier' | 'spec'>>,
  build: { projectName: string; uuid: string },
  names: Record<string, string> = {},
): string {
  // A pipeline says exactly where.
  const evaluated = ownValue(names, identifier || PRIMARY);
  const name =
    (target.overrideArtifactName && evaluated) ||
    target.name ||
    (target.type === 'S3' ? build.projectName : '');
  const buildId = target.namespaceType === 'BUILD_ID';
  const prefix = buildId && spec?.s3Prefix ? [spec.s3Prefix] : [];
  const parts = [...prefix, target.path ?? '', buildId ? build.uuid : '', name === '/' ? '' : name];
  return parts
    .map((part) => part.replace(/^\/+/, '').replace(/(?<!\/)\/+$/, ''))
    .filter((part) => part !== '')
    .join('/');
}

/** The bucket, which may be given by its ARN. */
export function bucketOf(target: ProjectArtifacts): string {
  return withoutS3Arn(target.location ?? '');
}

/** `location` of an artifact as builds show it. */
export function artifactArn(partition: string, target: ProjectArtifacts, key: string): string {
  return s3Arn(partition, { bucket: bucketOf(target), key });
}
