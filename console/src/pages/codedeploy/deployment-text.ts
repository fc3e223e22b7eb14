/** What pages of deployments say of them. Pure. */

import type {
  DeploymentTarget,
  LifecycleEvent,
  RevisionLocation,
  TargetLabel,
} from '@aws-sdk/client-codedeploy';

/** What is deployed, in a line. */
export function revisionText(revision: RevisionLocation | undefined): string {
  const { s3Location, gitHubLocation, string, appSpecContent } = revision ?? {};
  if (s3Location) {
    const version = s3Location.version === undefined ? '' : `?versionId=${s3Location.version}`;
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

/** `s3://BUCKET/KEY`, with what says how it is packed. */
export function s3Of(url: string): RevisionLocation | undefined {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url.trim()) ?? [];
  if (bucket === undefined || key === undefined) return undefined;
  const bundleType = /\.(tgz|tar\.gz)$/.test(key) ? 'tgz' : key.endsWith('.tar') ? 'tar' : 'zip';
  return { revisionType: 'S3', s3Location: { bucket, key, bundleType } };
}
