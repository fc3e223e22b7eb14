import { createHash } from 'node:crypto';
import * as sdk from '@aws-sdk/client-codedeploy';
import { exception } from '../../../aws/errors.ts';
import { invalidRevision } from '../errors.ts';
import type { Application } from '../store/applications.ts';

/** AWS's quota of the content of an AppSpec in a call. */
const MOST_CHARACTERS = 256 * 1024;

/** An AppSpec that is itself the revision, known by its SHA-256 (CD-REV-01). Without content it names one that is registered. */
export function requireAppSpecContent(revision: sdk.RevisionLocation): sdk.RevisionLocation {
  const { revisionType, string, appSpecContent } = revision;
  const type = string ? 'String' : 'AppSpecContent';
  if (revisionType !== undefined && revisionType !== type)
    throw invalidRevision(`the location is not of type ${revisionType}.`);
  const { content, sha256 } = string ?? appSpecContent ?? {};
  if (content === undefined && sha256 === undefined)
    throw invalidRevision(
      'an AppSpec needs its content, or the SHA-256 of one that is registered.',
    );
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256))
    throw invalidRevision('sha256 must have 64 hexadecimal digits.');
  if ((content?.length ?? 0) > MOST_CHARACTERS)
    throw invalidRevision(`the content is longer than ${MOST_CHARACTERS} characters.`);
  const own =
    content === undefined ? undefined : createHash('sha256').update(content).digest('hex');
  if (own !== undefined && sha256 !== undefined && own !== sha256.toLowerCase())
    throw invalidRevision('sha256 is not that of the content.');
  const named = { sha256: own ?? sha256?.toLowerCase(), ...(content !== undefined && { content }) };
  return string
    ? { revisionType: type, string: named }
    : { revisionType: type, appSpecContent: named };
}

/** Is the revision one that the platform can have? @throws InvalidRevisionException */
export function checkRevisionOf(
  platform: Application['platform'],
  { s3Location, gitHubLocation, string, appSpecContent }: sdk.RevisionLocation,
): void {
  const isFile = s3Location?.bundleType === 'YAML' || s3Location?.bundleType === 'JSON';
  if (platform === 'Server') {
    if (string || appSpecContent)
      throw invalidRevision('an AppSpec alone is not for the Server compute platform.');
    if (isFile)
      throw invalidRevision(
        `the bundle type ${s3Location.bundleType} is not for the Server compute platform.`,
      );
    return;
  }
  if (gitHubLocation)
    throw invalidRevision('the revision type GitHub is for the Server compute platform.');
  if (string && platform === 'ECS')
    throw invalidRevision('the revision type String is for the Lambda compute platform.');
  if (s3Location && !isFile)
    throw exception(sdk.InvalidRevisionException, 'BundleType must be either YAML or JSON');
}

/** Whoever registers an AppSpec has to say it. @throws InvalidRevisionException */
export function requireContent({ string, appSpecContent }: sdk.RevisionLocation): void {
  const given = string ?? appSpecContent;
  if (given && given.content === undefined) throw invalidRevision('an AppSpec needs its content.');
}

/** A revision as deployments show it: an AppSpec's content is the revision's alone (CD-DP-02). */
export function withoutContent(
  revision: sdk.RevisionLocation | undefined,
): sdk.RevisionLocation | undefined {
  if (revision?.string) return { ...revision, string: { sha256: revision.string.sha256 } };
  if (!revision?.appSpecContent) return revision;
  return { ...revision, appSpecContent: { sha256: revision.appSpecContent.sha256 } };
}
