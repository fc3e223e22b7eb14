import { createHash } from 'node:crypto';
import { formatArn } from '../../../aws/arn.ts';

export type DetailType = 'BASIC' | 'FULL';
export type TargetStatus = 'ACTIVE' | 'UNREACHABLE';
export type TargetType = 'SNS' | 'AWSChatbotSlack' | 'AWSChatbotMicrosoftTeams';

/** Who is told. One target serves all the rules that name it. */
export interface NotificationTarget {
  address: string;
  type: TargetType;
  status: TargetStatus;
}

/** What is told of a resource's events, and to whom. */
export interface NotificationRule {
  accountId: string;
  region: string;
  id: string;
  name: string;
  /** ARN of what it listens to. */
  resource: string;
  eventTypeIds: string[];
  detailType: DetailType;
  status: 'ENABLED' | 'DISABLED';
  /** Addresses of its targets. */
  targets: string[];
  createdBy: string;
  createdAt: Date;
  modifiedAt: Date;
  tags: Record<string, string>;
  /** What the call that made it said, so that the same call again makes no second one. */
  request?: { token: string; digest: string };
}

interface Place {
  accountId: string;
  region: string;
}

export const PREFIX = 'notificationrule/';

export const ruleArn = ({ accountId, region, id }: Place & { id: string }): string =>
  formatArn({
    ...{ service: 'codestar-notifications', region, accountId },
    resource: `${PREFIX}${id}`,
  });

/** Tells the inputs of two calls apart, whatever the order of their members. */
export function digestOf(input: object): string {
  const sorted = JSON.stringify(input, (_, value) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(sorted).digest('hex');
}
