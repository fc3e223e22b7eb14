import { formatArn } from '../../../aws/arn.ts';
import type { Owner } from '../store/tables.ts';

/** The ARN of a group, as tags and `logGroupArn` use it. */
export function groupArn({ accountId, region }: Owner, name: string): string {
  return formatArn({ service: 'logs', region, accountId, resource: `log-group:${name}` });
}

/** IAM is asked about streams: AWS names an empty one when the call is about the group. */
export function streamArn(owner: Owner, group: string, stream = ''): string {
  return `${groupArn(owner, group)}:log-stream:${stream}`;
}
