export type BundleType = 'tar' | 'tgz' | 'zip';

export interface S3Revision {
  from: 'S3';
  bucket: string;
  key: string;
  bundleType: BundleType;
  version?: string;
  etag?: string;
  /** SHA-256 in Base64; missing when the server found no such object. */
  checksum?: string;
  /** Its length; missing when the server found no such object, or is of before it said so. */
  bytes?: number;
  /** Whoever deploys to his own machine says himself what it is: no server has looked at it. */
  unchecked?: true;
}

export interface GitHubRevision {
  from: 'GitHub';
  account: string;
  repository: string;
  commitId: string;
  bundleType: 'tar' | 'zip';
  /** Of the deployment; none for what everybody can read. */
  token?: string;
  /** The forge's API where that is not GitHub's own. */
  endpoint?: string;
}

/** On the machine itself: `slipway deploy --local` alone knows these. */
export interface LocalRevision {
  from: 'Local';
  /** Absolute. */
  location: string;
  bundleType: BundleType | 'directory';
}

export type Revision = S3Revision | GitHubRevision | LocalRevision;

/** The revision of a specification. @throws Error in the official agent's words */
export function readRevision(revision: unknown, token: unknown): Revision {
  const {
    RevisionType: type,
    S3Revision: s3,
    GitHubRevision: github,
  } = (revision ?? {}) as Record<string, unknown>;
  if (type === 'S3') return s3Revision(members(s3));
  if (type === 'GitHub') return gitHubRevision(members(github), token);
  throw new Error(`This agent deploys revisions in S3 and GitHub only, not ${type}.`);
}

const members = (value: unknown) => (value ?? {}) as Record<string, unknown>;

/** A member with a text in it. */
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

function s3Revision(given: Record<string, unknown>): S3Revision {
  const [bucket, key] = [text(given.Bucket), text(given.Key)];
  const [version, etag, checksum] = [
    text(given.Version),
    text(given.ETag),
    text(given.ChecksumSHA256),
  ];
  const { BundleType: bundleType, ContentLength: bytes } = given;
  if (!bucket || !key)
    throw new Error('S3Revision in the deployment specification must specify Bucket and Key');
  if (bundleType !== 'tar' && bundleType !== 'tgz' && bundleType !== 'zip') {
    throw new Error('BundleType in S3Revision must be tar, tgz or zip');
  }
  return {
    ...{ from: 'S3', bucket, key, bundleType },
    ...(version && { version }),
    ...(etag && { etag }),
    ...(checksum && { checksum }),
    ...(typeof bytes === 'number' && { bytes }),
  };
}

/** Without a bundle type it is a tarball, as on all hosts but those with Windows. */
function gitHubRevision(given: Record<string, unknown>, accessToken: unknown): GitHubRevision {
  const [account, repository] = [text(given.Account), text(given.Repository)];
  const commitId = text(given.CommitId);
  const bundleType = text(given.BundleType) ?? 'tar';
  if (!account || !repository || !commitId)
    throw new Error(
      'GitHubRevision in Deployment Spec must specify Account, Repository and CommitId',
    );
  if (bundleType !== 'tar' && bundleType !== 'zip')
    throw new Error(
      `GitHub revision specified with bundle_type other than zip or tar [bundle_type=${bundleType}`,
    );
  const [token, endpoint] = [text(accessToken), text(given.Endpoint)];
  return {
    ...{ from: 'GitHub', account, repository, commitId, bundleType },
    ...(token && { token }),
    ...(endpoint && { endpoint }),
  };
}
