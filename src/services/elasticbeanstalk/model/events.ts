import type { NewEvent } from '../../../engine/events.ts';
import { type Environment, environmentArn } from './environment.ts';

export type Severity = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';

/** A line of `describe-events`. */
export interface Said {
  severity: Severity;
  message: string;
  /** What EventBridge is told of it, where it is told: the type, and the status. */
  told?: readonly [detailType: string, status: string];
}

const RESOURCE = 'Elastic Beanstalk resource status change';
const OTHER = 'Other resource status change';
export const HEALTH = ['Health status change', 'Environment health changed'] as const;

export const status = (text: string) => [RESOURCE, text] as const;
export const other = (text: string) => [OTHER, text] as const;

/** https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/AWSHowTo.eventbridge.html */
export const eventOf = (
  environment: Environment,
  { severity, message }: Said,
  [detailType, Status]: readonly [string, string],
  now: number,
): NewEvent => ({
  source: 'aws.elasticbeanstalk',
  'detail-type': detailType,
  account: environment.accountId,
  region: environment.region,
  resources: [environmentArn(environment, environment)],
  detail: {
    ...{ Status, EventDate: now, ApplicationName: environment.application, Message: message },
    ...{ EnvironmentName: environment.name, Severity: severity },
  },
});
