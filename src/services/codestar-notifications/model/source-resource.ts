import { formatArn, parseArn } from '../../../aws/arn.ts';
import type { NewEvent } from '../../../engine/events.ts';
import { ownValue } from '../../../lib/own.ts';

/** Kinds of resources that rules are on, by the service in their ARN, and how the rest of it reads. */
const KINDS: Record<string, { type: string; resource: RegExp }> = {
  codecommit: { type: 'Repository', resource: /^[^:/]+$/ },
  codebuild: { type: 'Project', resource: /^project\/[^/]+$/ },
  codedeploy: { type: 'Application', resource: /^application:[^/:]+$/ },
  codepipeline: { type: 'Pipeline', resource: /^[^:/]+$/ },
};

/** `Pipeline`, or undefined where the ARN is of something else. */
export function resourceTypeOf(arn: string): string | undefined {
  const parsed = parseArn(arn);
  const kind = ownValue(KINDS, parsed?.service ?? '');
  return parsed && kind?.resource.test(parsed.resource) ? kind.type : undefined;
}

/** The resource whose rules an event is for. */
export function resourceOf(
  event: Pick<NewEvent, 'source' | 'account' | 'region' | 'resources' | 'detail'>,
): string | undefined {
  // Its events name the build alone, and the project in their detail.
  if (event.source === 'aws.codebuild') {
    const { account: accountId, region } = event;
    const [partition] = event.resources.flatMap((arn) => parseArn(arn)?.partition ?? []);
    const resource = `project/${event.detail['project-name']}`;
    return formatArn({
      ...(partition !== undefined && { partition }),
      ...{ service: 'codebuild', region, accountId, resource },
    });
  }
  return event.resources.find((arn) => resourceTypeOf(arn) !== undefined);
}
