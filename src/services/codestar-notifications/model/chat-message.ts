import { consoleUrl } from '../../../lib/console-url.ts';
import { ownValue } from '../../../lib/own.ts';
import type { Notification } from './message.ts';
import type { TargetType } from './rule.ts';

/** A notification as people read it. */
export interface ChatMessage {
  title: string;
  /** Name and value, of those that there are. */
  facts: [name: string, value: string][];
  link: { text: string; url: string };
}

/** What is shown of an event's detail, and how it is called. */
const FACTS: Record<string, string> = {
  pipeline: 'Pipeline',
  'project-name': 'Project',
  application: 'Application',
  deploymentGroup: 'Deployment group',
  repositoryName: 'Repository',
  stage: 'Stage',
  action: 'Action',
  state: 'State',
  'build-status': 'Status',
  'completed-phase': 'Phase',
  'completed-phase-status': 'Status',
  event: 'Event',
  referenceType: 'Reference type',
  referenceName: 'Reference',
  title: 'Title',
  pullRequestStatus: 'Status',
  'execution-id': 'Execution',
  deploymentId: 'Deployment',
  commitId: 'Commit',
};

/** The same of what FULL adds. */
const MORE_FACTS: Record<string, string> = {
  customData: 'Comment',
  externalEntityLink: 'Review',
  failedStage: 'Failed stage',
  additionalInformation: 'Error',
};

const LONGEST = 500;

function factsIn(from: Record<string, unknown>, names: Record<string, string>) {
  return Object.entries(names).flatMap(([member, name]): [string, string][] => {
    const value = ownValue(from, member);
    return typeof value === 'string' && value !== '' ? [[name, value.slice(0, LONGEST)]] : [];
  });
}

/** @param approval of a manual approval that waits: the token by which it is answered */
export function chatMessageOf(
  { source, detailType, detail, additionalAttributes, account, region }: Notification,
  at: { endpoint: string; approval?: string | undefined },
): ChatMessage {
  const service = source.replace('aws.', '');
  const failed = (additionalAttributes.failedActions ?? []) as Record<string, string>[];
  return {
    title: at.approval === undefined ? detailType : 'CodePipeline Manual Approval Needed',
    facts: [
      ...factsIn(detail, FACTS),
      ...factsIn(additionalAttributes, MORE_FACTS),
      ...failed.map(({ action = '', additionalInformation = '' }): [string, string] => [
        `Failed action ${action}`,
        additionalInformation.slice(0, LONGEST),
      ]),
      ['Account', account],
      ['Region', region],
    ],
    link: {
      text: at.approval === undefined ? 'Open the console' : 'Approve or reject',
      url: consoleUrl(at.endpoint, service, region, fragmentOf(service, detail, at.approval)),
    },
  };
}

/** AWS's own fragments. */
function fragmentOf(service: string, detail: Record<string, unknown>, approval?: string): string {
  const of = (...names: string[]) =>
    names.map((name) => encodeURIComponent(String(ownValue(detail, name) ?? '')));
  if (service === 'codepipeline') {
    if (approval === undefined) return `/view/${of('pipeline').join('/')}`;
    return `/view/${of('pipeline', 'stage', 'action').join('/')}/approve/${approval}`;
  }
  if (service === 'codebuild') return `/projects/${of('project-name').join('/')}/view`;
  if (service === 'codedeploy') return `/deployments/${of('deploymentId').join('/')}`;
  return `/repository/${of('repositoryName').join('/')}`;
}

/** Slack's control characters: https://docs.slack.dev/messaging/formatting-message-text/ */
const forSlack = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Slack takes ten fields a section. */
const FIELDS = 10;

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/ */
function slackBody({ title, facts, link }: ChatMessage): object {
  const fields = facts.map(([name, value]) => ({
    ...{ type: 'mrkdwn', text: `*${forSlack(name)}*\n${forSlack(value)}` },
  }));
  const sections = [];
  for (let i = 0; i < fields.length; i += FIELDS)
    sections.push({ type: 'section', fields: fields.slice(i, i + FIELDS) });
  return {
    text: forSlack(title),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: title } },
      ...sections,
      { type: 'section', text: { type: 'mrkdwn', text: `<${link.url}|${link.text}>` } },
    ],
  };
}

/** https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using#send-adaptive-cards-using-an-incoming-webhook */
function teamsBody({ title, facts, link }: ChatMessage): object {
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    ...{ type: 'AdaptiveCard', version: '1.2' },
    body: [
      { type: 'TextBlock', size: 'Medium', weight: 'Bolder', text: title, wrap: true },
      { type: 'FactSet', facts: facts.map(([name, value]) => ({ title: name, value })) },
    ],
    actions: [{ type: 'Action.OpenUrl', title: link.text, url: link.url }],
  };
  const card = {
    contentType: 'application/vnd.microsoft.card.adaptive',
    contentUrl: null,
    content,
  };
  return { type: 'message', attachments: [card] };
}

/** What an incoming webhook of that kind of client takes. */
export const webhookBody = (type: Exclude<TargetType, 'SNS'>, message: ChatMessage): object =>
  type === 'AWSChatbotSlack' ? slackBody(message) : teamsBody(message);
