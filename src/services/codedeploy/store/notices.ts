import { type Owed, owedIn } from '../../../kit/delivery/owed.ts';

/** A message that a trigger owes its topic. */
export interface Notice extends Owed {
  topicArn: string;
  /** The group's service role, under which it is published, and the group. */
  roleArn: string;
  groupArn: string;
  deploymentId: string;
  subject: string;
  message: string;
}

export const notices = owedIn<Notice>('codedeploy_notice');
