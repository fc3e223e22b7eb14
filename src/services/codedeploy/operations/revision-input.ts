import * as sdk from '@aws-sdk/client-codedeploy';
import { exception } from '../../../aws/errors.ts';
import { invalidRevision } from '../errors.ts';
import { requireAppSpecContent } from './shift-revision.ts';

/** A revision as an application can have it. @throws RevisionRequired, InvalidRevision */
export function requireRevision(revision: sdk.RevisionLocation | undefined): sdk.RevisionLocation {
  if (!revision)
    throw exception(sdk.RevisionRequiredException, 'The revision ID was not specified.');
  const { revisionType, s3Location, gitHubLocation, string, appSpecContent } = revision;
  const given = [s3Location, gitHubLocation, string, appSpecContent].filter(
    (part) => part !== undefined,
  );
  if (given.length !== 1) throw invalidRevision('exactly one location is needed.');
  if (gitHubLocation) return requireGitHub(revisionType, gitHubLocation);
  if (string || appSpecContent) return requireAppSpecContent(revision);
  if (revisionType !== undefined && revisionType !== 'S3')
    throw invalidRevision(`the location is not of type ${revisionType}.`);
  return { revisionType: 'S3', s3Location: requireS3Location(s3Location) };
}

const REPOSITORY = /^[\w.-]+\/[\w.-]+$/;
/** Of a commit, or a name for one. */
const COMMIT = /^[\w-][\w./-]{0,255}$/;

function requireGitHub(
  type: string | undefined,
  { repository = '', commitId = '' }: sdk.GitHubLocation,
): sdk.RevisionLocation {
  if (type !== undefined && type !== 'GitHub')
    throw invalidRevision(`the location is not of type ${type}.`);
  const parts = [...repository.split('/'), ...commitId.split('/')];
  if (!REPOSITORY.test(repository) || parts.some((part) => /^\.*$/.test(part)))
    throw invalidRevision('a GitHub location needs a repository, ACCOUNT/NAME, and a commit.');
  if (!COMMIT.test(commitId)) throw invalidRevision('a GitHub location needs the id of a commit.');
  return { revisionType: 'GitHub', gitHubLocation: { repository, commitId } };
}

function requireS3Location(location: sdk.S3Location | undefined): sdk.S3Location {
  const { bucket, key, bundleType, version, eTag } = location ?? {};
  if (!bucket || !key) throw invalidRevision('an S3 location needs a bucket and a key.');
  if (!bundleType) throw invalidRevision('an S3 location needs a bundle type.');
  if (!['tar', 'tgz', 'zip', 'YAML', 'JSON'].includes(bundleType))
    throw invalidRevision(`unknown bundle type ${bundleType}.`);
  return { bucket, key, bundleType, ...(version && { version }), ...(eTag && { eTag }) };
}
