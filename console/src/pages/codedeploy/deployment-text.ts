/** What pages of deployments say of them. Pure. */

import type {
  DeploymentTarget,
  LifecycleEvent,
  RevisionLocation,
  TargetLabel,
} from '@aws-sdk/client-codedeploy';

const VERSION = '?versionId=';

/** What is deployed, in a line. */
export function revisionText(revision: RevisionLocation | undefined): string {
  const { s3Location, gitHubLocation, string, appSpecContent } = revision ?? {};
  if (s3Location) {
    const version = s3Location.version === undefined ? '' : `${VERSION}${s3Location.version}`;
    return `s3://${s3Location.bucket}/${s3Location.key}${version}`;
  }
  if (gitHubLocation) return `${gitHubLocation.repository}@${gitHubLocation.commitId}`;
  const inline = appSpecContent ?? string;
  return inline ? `AppSpec ${inline.sha256 ?? ''}`.trim() : '–';
}

/** One row of the matrix, whatever it is that is deployed to. */
export interface Target {
  id: string;
  arn: string | undefined;
  status: string | undefined;
  label: TargetLabel | undefined;
  updated: Date | undefined;
  events: LifecycleEvent[];
}

export function targetOf(target: DeploymentTarget): Target {
  const { instanceTarget, lambdaTarget, ecsTarget, cloudFormationTarget } = target;
  const one = instanceTarget ?? lambdaTarget ?? ecsTarget ?? cloudFormationTarget;
  return {
    id: one?.targetId ?? '',
    arn: one && 'targetArn' in one ? one.targetArn : undefined,
    status: one?.status,
    label: instanceTarget?.instanceLabel,
    updated: one?.lastUpdatedAt,
    events: one?.lifecycleEvents ?? [],
  };
}

/** The columns: events of all rows in the order in which they come. */
export function eventNames(targets: readonly Target[]): string[] {
  const names: string[] = [];
  for (const { events } of targets) {
    let at = 0;
    for (const { lifecycleEventName = '' } of events) {
      const known = names.indexOf(lifecycleEventName);
      if (known === -1) names.splice(at, 0, lifecycleEventName);
      at = (known === -1 ? at : known) + 1;
    }
  }
  return names;
}

/**
 * `s3://BUCKET/KEY`, of one version where `?versionId=` says so, with what says how it is packed.
 * @param was what the text was written from: unless somebody has changed it, that is what is meant, with its ETag and all
 */
export function s3Of(url: string, was?: RevisionLocation): RevisionLocation | undefined {
  if (was?.s3Location && url.trim() === revisionText(was)) return was;
  const [, bucket, path] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url.trim()) ?? [];
  if (bucket === undefined || path === undefined) return undefined;
  const asked = path.lastIndexOf(VERSION);
  const key = asked === -1 ? path : path.slice(0, asked);
  const version = asked === -1 ? '' : path.slice(asked + VERSION.length);
  if (key === '') return undefined;
  const bundleType = /\.(tgz|tar\.gz)$/.test(key) ? 'tgz' : key.endsWith('.tar') ? 'tar' : 'zip';
  return {
    revisionType: 'S3',
    s3Location: { bucket, key, bundleType, ...(version !== '' && { version }) },
  };
}
