import type {
  BucketOwnerAccess,
  Project,
  ProjectArtifacts,
  ProjectSource,
  ProjectSourceVersion,
  Tag,
} from '@aws-sdk/client-codebuild';
import { unsupported } from '../../../aws/errors.ts';
import {
  FORGES,
  type Forge,
  forgeRepository,
  isForge,
  LocationError,
  WEBHOOK_LOCATION,
} from '../../../kit/forges/repository.ts';
import { isReservedTag } from '../../../kit/tags.ts';
import { MOST_AUTO_RETRIES } from '../limits.ts';
import { mayHaveBadge } from './badge.ts';
import { buildspecPath } from './buildspec-place.ts';
import { cachePlace } from './cache.ts';
import { checkEnvironment } from './environment-rules.ts';
import { checkFileSystems, checkNoVpc, checkVpc, hasVpc } from './places.ts';
import { RuleError } from './rule-error.ts';
import { readS3Location, withoutS3Arn } from './s3-location.ts';
import { s3LogPlace } from './s3-log.ts';
import { isConnectionArn, isSecretArn } from './source-credential.ts';
import { unique } from './unique.ts';

const SOURCE_TYPES = ['CODECOMMIT', 'CODEPIPELINE', 'S3', 'NO_SOURCE', ...FORGES];
const PROJECT_NAME = /^[A-Za-z0-9][A-Za-z0-9\-_]{1,254}$/;
/** On AWS or on this server: what counts is the repository's name at its end. */
const REPOSITORY = /^https?:\/\/[^\s/]+\/v1\/repos\/[\w.-]+\/?$/;
/** A key's ARN or id, an alias or its ARN. */
const KEY =
  /^(arn:[^:]+:kms:[^:]*:\d*:(key|alias)\/.+|alias\/.+|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|mrk-[0-9a-f]{32})$/;
const IDENTIFIER = /^[A-Za-z0-9_]{1,127}$/;
const PIPELINE_ARTIFACT = /^[A-Za-z0-9_-]{1,127}$/;
/** Checks a whole project. @throws RuleError */
export function checkProject(project: Project, accountId: string): void {
  if (!PROJECT_NAME.test(project.name ?? '')) {
    throw new RuleError('Only alphanumeric characters, dash, and underscore are supported');
  }
  checkServiceRole(project.serviceRole, accountId);
  checkRest(project);
  checkSources(
    project.source,
    project.secondarySources ?? [],
    project.secondarySourceVersions ?? [],
  );
  if (project.badge?.badgeEnabled && !mayHaveBadge(project.source))
    throw new RuleError(
      `Invalid badge: source type ${project.source?.type} has no branches, and so no badge`,
    );
  checkArtifacts(project.artifacts, project.secondaryArtifacts ?? []);
  if (project.source?.type === 'NO_SOURCE') checkOwnBuildspec(project.source.buildspec);
  if (!project.environment) throw new RuleError('Project environment is required');
  checkEnvironment(project.environment);
  checkTags(project.tags);
  checkEncryptionKey(project.encryptionKey);
  // -1 is for UpdateProject alone, where it takes the limit off.
  if ((project.concurrentBuildLimit ?? 1) < 1)
    throw new RuleError('Invalid concurrent build limit: it must be 1 at least');
  const pipeline = project.source?.type === 'CODEPIPELINE';
  if (pipeline !== (project.artifacts?.type === 'CODEPIPELINE')) {
    throw new RuleError(
      'Invalid artifacts: source type CODEPIPELINE and artifact type CODEPIPELINE must be used together',
    );
  }
}

/** That it can be a key's name; whether there is such a key, and the build may use it, its uploads find out. */
export function checkEncryptionKey(key: string | undefined): void {
  if (key === undefined || KEY.test(key)) return;
  throw new RuleError('Invalid encryption key: it must be the ARN or id of a KMS key, or an alias');
}

/** CB-J11 */
const RESERVED_TAG = 'jobId';

/** A tag may lack its value, and then has an empty one; not its key. */
export function checkTags(tags: Tag[] | undefined): void {
  if (tags?.some(({ key }) => !key)) throw new RuleError('Invalid tags: a tag needs a key');
  if (tags?.some(({ key = '' }) => isReservedTag(key)))
    throw new RuleError('Invalid tags: keys that begin with aws: are for AWS to use');
  if (tags?.some(({ key }) => key === RESERVED_TAG))
    throw new RuleError(`Invalid tags: the key ${RESERVED_TAG} is reserved`);
  unique(
    (tags ?? []).map(({ key }) => key),
    'tag key',
  );
}

export function checkServiceRole(roleArn: string | undefined, accountId: string): void {
  const role = /^arn:[^:]+:iam::(\d{12}):role\/.+$/.exec(roleArn ?? '');
  if (!role) throw new RuleError('Invalid service role: Service role is not a valid role ARN');
  if (role[1] !== accountId) {
    throw new RuleError(
      "Invalid service role: Service role account ID does not match caller's account",
    );
  }
}

export function checkSources(
  primary: ProjectSource | undefined,
  secondary: ProjectSource[],
  versions: ProjectSourceVersion[],
): void {
  if (!primary) throw new RuleError('Project source is required');
  checkSource(primary);
  for (const source of secondary) {
    checkSource(source);
    if (!IDENTIFIER.test(source.sourceIdentifier ?? '')) {
      throw new RuleError(
        'Invalid secondary source: sourceIdentifier must have 1 to 127 alphanumeric characters or underscores',
      );
    }
    if (source.type === 'CODEPIPELINE' && primary.type !== source.type)
      throw new RuleError(
        'Invalid secondary source: the type CODEPIPELINE is for builds of a pipeline',
      );
  }
  unique(
    secondary.map((source) => source.sourceIdentifier),
    'sourceIdentifier',
  );
  unique(
    versions.map(({ sourceIdentifier }) => sourceIdentifier),
    'version of the secondary source',
  );
  for (const { sourceIdentifier } of versions) {
    if (!secondary.some((source) => source.sourceIdentifier === sourceIdentifier)) {
      throw new RuleError(
        `Invalid secondary source version: there is no secondary source ${sourceIdentifier}`,
      );
    }
  }
}

/** CB-A1: there is no file that a path could name. */
export function checkOwnBuildspec(buildspec: string | undefined): void {
  if (!buildspec?.trim())
    throw new RuleError('Invalid source: a buildspec is required for source type NO_SOURCE');
  if (buildspecPath(buildspec) !== undefined)
    throw new RuleError(
      'Invalid source: the buildspec of source type NO_SOURCE must be inline, or the ARN of an object in S3',
    );
}

function checkSource(source: ProjectSource): void {
  if (!source.type) throw new RuleError('Invalid type provided: Project source type');
  if (!SOURCE_TYPES.includes(source.type)) throw unsupported(`the source type ${source.type}`);
  if (['CODECOMMIT', 'S3', ...FORGES].includes(source.type) && !source.location) {
    throw new RuleError('Project source location is required');
  }
  if (source.type === 'CODECOMMIT' && !REPOSITORY.test(source.location ?? '')) {
    throw new RuleError(
      'Invalid project source: location must be the clone URL of a CodeCommit repository',
    );
  }
  if (source.type === 'NO_SOURCE' && source.location) {
    throw new RuleError('Invalid source: source type NO_SOURCE should have null location');
  }
  if (source.type === 'S3' && !readS3Location(source.location ?? '').key)
    throw new RuleError(
      'Invalid project source: location must be a bucket and a key, or a folder that ends in /',
    );
  if (isForge(source.type)) checkForgeSource(source.type, source);
  else checkNoForge(source);
}

/** CB-C7, CB-C8: what only has a meaning at a forge. */
function checkNoForge({
  type,
  reportBuildStatus,
  buildStatusConfig,
  auth,
  ...source
}: ProjectSource) {
  const wrong = (member: string) =>
    new RuleError(`Invalid source: ${member} is not supported for source type ${type}`);
  if (reportBuildStatus) throw wrong('reportBuildStatus');
  if (buildStatusConfig?.context || buildStatusConfig?.targetUrl) throw wrong('buildStatusConfig');
  if (auth) throw wrong('auth');
  if (source.insecureSsl) throw wrong('insecureSsl');
  if (
    source.gitSubmodulesConfig?.fetchSubmodules &&
    type !== 'CODECOMMIT' &&
    type !== 'CODEPIPELINE'
  )
    throw wrong('gitSubmodulesConfig');
}

/** With a certificate that nobody vouches for, only what an administrator set up himself. */
const INSECURE: Forge[] = ['GITHUB_ENTERPRISE', 'GITLAB_SELF_MANAGED'];

function checkForgeSource(forge: Forge, { location = '', auth, insecureSsl }: ProjectSource): void {
  try {
    if (location !== WEBHOOK_LOCATION) forgeRepository(forge, location);
  } catch (error) {
    if (!(error instanceof LocationError)) throw error;
    throw new RuleError(`Invalid project source: location cannot be used: ${error.message}`);
  }
  if (insecureSsl && !INSECURE.includes(forge))
    throw new RuleError(`Invalid source: insecureSsl is not supported for source type ${forge}`);
  if (auth?.type === 'CODECONNECTIONS' && !isConnectionArn(auth.resource ?? ''))
    throw new RuleError('Invalid source auth: resource must be the ARN of a connection');
  if (auth?.type === 'SECRETS_MANAGER' && !isSecretArn(auth.resource ?? ''))
    throw new RuleError('Invalid source auth: resource must be the ARN of a secret');
}

export function checkArtifacts(
  primary: ProjectArtifacts | undefined,
  secondary: ProjectArtifacts[],
): void {
  if (!primary) throw new RuleError('Project artifacts is required');
  checkArtifact(primary);
  for (const artifact of secondary) {
    checkArtifact(artifact);
    const { artifactIdentifier = '', type } = artifact;
    if (!artifactIdentifier)
      throw new RuleError('Invalid secondary artifacts: artifactIdentifier is required');
    // A pipeline calls its artifacts by names that may hold a hyphen.
    const its = type === 'CODEPIPELINE' ? PIPELINE_ARTIFACT : IDENTIFIER;
    if (!its.test(artifactIdentifier))
      throw new RuleError(
        'Invalid secondary artifacts: artifactIdentifier must have 1 to 127 alphanumeric characters or underscores',
      );
    if (type === 'CODEPIPELINE' && primary.type !== type)
      throw new RuleError(
        'Invalid secondary artifacts: the type CODEPIPELINE is for builds of a pipeline',
      );
  }
  unique(
    secondary.map((artifact) => artifact.artifactIdentifier),
    'artifactIdentifier',
  );
}

function checkArtifact(artifact: ProjectArtifacts): void {
  if (!artifact.type) throw new RuleError('Invalid type provided: Artifact type');
  if (artifact.type === 'NO_ARTIFACTS' && artifact.location) {
    throw new RuleError('Invalid artifacts: artifact type NO_ARTIFACTS should have null location');
  }
  if (artifact.type === 'S3' && !artifact.location) {
    throw new RuleError('Invalid artifacts: location is required for artifact type S3');
  }
  if (artifact.type === 'S3' && withoutS3Arn(artifact.location ?? '').includes('/'))
    throw new RuleError(
      'Invalid artifacts: location must be the name of a bucket; what is below it goes into path',
    );
  if (artifact.encryptionDisabled && artifact.type !== 'S3') {
    throw new RuleError(
      'Invalid artifacts: encryptionDisabled can only be set for artifact type S3',
    );
  }
  checkOwnersAccess('artifacts', artifact.bucketOwnerAccess);
}

/** The owner of a bucket has everything in it here (BucketOwnerEnforced), so that less cannot be had. */
function checkOwnersAccess(of: string, access: BucketOwnerAccess | undefined): void {
  if (access === 'READ_ONLY') throw unsupported(`${of}.bucketOwnerAccess READ_ONLY`);
}

function checkRest(project: Project): void {
  checkVpc(project.vpcConfig);
  if (project.environment?.fleet?.fleetArn) checkNoVpc(project.vpcConfig);
  checkFileSystems(project.fileSystemLocations ?? [], {
    privileged: project.environment?.privilegedMode === true,
    vpc: hasVpc(project.vpcConfig),
  });
  checkAutoRetry(project.autoRetryLimit);
  checkCache(project.cache);
  checkLogs(project.logsConfig);
}

/** CB-J3 */
export function checkAutoRetry(limit: number | undefined): void {
  if (limit !== undefined && (limit < 0 || limit > MOST_AUTO_RETRIES))
    throw new RuleError(`Invalid auto retry limit: it must be 0 to ${MOST_AUTO_RETRIES}`);
}

/** `modes` and `location` mean nothing without a cache, to AWS neither. */
export function checkCache(cache: Project['cache']): void {
  if (cache?.type === 'LOCAL' && !cache.modes?.length)
    throw new RuleError('Invalid cache: a cache of type LOCAL has one mode at least');
  if (cache?.cacheNamespace && cache.type !== 'S3')
    throw new RuleError('Invalid cache: cacheNamespace is for the cache type S3');
  if (cache?.type === 'S3' && !cachePlace(cache, { arn: '', created: 0, version: 0 }))
    throw new RuleError('Invalid cache: location must be a bucket, with a path if you like');
}

export function checkLogs(logs: Project['logsConfig']): void {
  const { s3Logs } = logs ?? {};
  checkOwnersAccess('logsConfig.s3Logs', s3Logs?.bucketOwnerAccess);
  if (s3Logs?.status === 'ENABLED' && !s3LogPlace(s3Logs, ''))
    throw new RuleError('Invalid S3 logs location: it must be a bucket, with a path if you like');
}
