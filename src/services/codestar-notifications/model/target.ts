import type { TargetSummary } from '../../../aws/apis/codestar-notifications.ts';
import { parseArn } from '../../../aws/arn.ts';
import { ownValue } from '../../../lib/own.ts';
import type { NotificationTarget, TargetType } from './rule.ts';

/** Chat clients by what their ARNs say, behind `chat-configuration/`. */
const CHAT: Record<string, TargetType> = {
  'slack-channel': 'AWSChatbotSlack',
  'microsoft-teams-channel': 'AWSChatbotMicrosoftTeams',
};

/** What kind of target an address is, which its type must agree with; undefined where it is none. */
export function targetTypeOf(address: string): TargetType | undefined {
  const arn = parseArn(address);
  if (arn?.service === 'sns') return /^[\w-]{1,256}$/.test(arn.resource) ? 'SNS' : undefined;
  if (arn?.service !== 'chatbot') return undefined;
  const [, kind = ''] = /^chat-configuration\/([a-z-]+)\/[^/]+$/.exec(arn.resource) ?? [];
  return ownValue(CHAT, kind);
}

/** Names a rule's target to the reconciler that tells it. No ARN of a rule has a space. */
export const queueOf = (rule: string, address: string) => `${rule} ${address}`;

export function ofQueue(queue: string): { rule: string; address: string } {
  const space = queue.indexOf(' ');
  return { rule: queue.slice(0, space), address: queue.slice(space + 1) };
}

export const targetSummaryOf = ({ address, type, status }: NotificationTarget): TargetSummary => ({
  ...{ TargetAddress: address, TargetType: type, TargetStatus: status },
});
