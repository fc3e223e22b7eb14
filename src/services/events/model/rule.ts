import type { Target } from '@aws-sdk/client-eventbridge';
import { askedOf } from '../../../kit/event-pattern/asked.ts';

export type RuleState = 'ENABLED' | 'DISABLED' | 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';

export interface Rule {
  accountId: string;
  region: string;
  bus: string;
  name: string;
  arn: string;
  /** JSON, as it was given. */
  pattern?: string;
  schedule?: string;
  state: RuleState;
  description?: string;
  roleArn?: string;
  tags: Record<string, string>;
  /** The account that made it. */
  createdBy: string;
  /** From when a rate counts. */
  since: Date;
  /** When its schedule fires next; absent without one, or while it is disabled. */
  nextAt?: Date;
}

export type { Target };

/** A target with what AWS requires of all. */
export type RuleTarget = Target & { Id: string; Arn: string };

export const isEnabled = ({ state }: Pick<Rule, 'state'>) => state !== 'DISABLED';

/** Does the rule also hear of calls that only read? */
export const hearsReads = ({ state }: Pick<Rule, 'state'>) =>
  state === 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';

/** The sources that a pattern names in full: undefined where events of others may be wanted, too. */
export function sourcesOf(pattern: string): string[] | undefined {
  const source = askedOf(pattern, 'source');
  const isNamed = Array.isArray(source) && source.every((each) => typeof each === 'string');
  return isNamed ? source : undefined;
}
