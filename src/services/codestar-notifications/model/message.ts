import type { AwsEvent } from '../../../engine/events.ts';

/** What is told, in the form in which AWS's own e-mails, queues and functions get it. */
export interface Notification {
  account: string;
  detailType: string;
  region: string;
  source: string;
  time: string;
  notificationRuleArn: string;
  detail: Record<string, unknown>;
  resources: string[];
  additionalAttributes: Record<string, unknown>;
}

/**
 * "Processed event": https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html
 * @param additionalAttributes what FULL says beyond the event
 */
export function notificationOf(
  { account, 'detail-type': detailType, region, source, time, detail, resources }: AwsEvent,
  notificationRuleArn: string,
  additionalAttributes: Record<string, unknown>,
): Notification {
  return {
    ...{ account, detailType, region, source, time, notificationRuleArn },
    ...{ detail, resources, additionalAttributes },
  };
}
