import { consoleUrl } from '../../../lib/console-url.ts';

/** What an approval's notification says. */
export interface Approval {
  region: string;
  pipelineName: string;
  stageName: string;
  actionName: string;
  token: string;
  /** Epoch ms. */
  expires: number;
  externalEntityLink?: string | undefined;
  customData?: string | undefined;
}

/** Where it is answered. */
interface Addresses {
  /** Base URL of this server. */
  base: string;
  /** By which who has the mail may answer, where the pipeline's role may. */
  link: string | undefined;
}

const MAX_SUBJECT = 100;

/** As SNS takes it, with MessageStructure `json`. */
export function approvalNotice(approval: Approval, { base, link }: Addresses) {
  const { pipelineName, stageName, actionName, region, token } = approval;
  const view = `/view/${pipelineName}`;
  const review = consoleUrl(
    base,
    'codepipeline',
    region,
    `${view}/${stageName}/${actionName}/approve/${token}`,
  );
  const json = JSON.stringify(
    documentOf(approval, consoleUrl(base, 'codepipeline', region, view), review),
  );
  const subject = `APPROVAL NEEDED: AWS CodePipeline ${pipelineName} for action ${actionName}`;
  return {
    Subject: subject.slice(0, MAX_SUBJECT),
    MessageStructure: 'json',
    Message: JSON.stringify({ default: json, email: textOf(approval, link ?? review) }),
  };
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals-json-format.html (CP-C29) */
function documentOf(approval: Approval, consoleLink: string, approvalReviewLink: string): object {
  const { region, pipelineName, stageName, actionName, token, externalEntityLink, customData } =
    approval;
  return {
    region,
    consoleLink,
    approval: {
      ...{ pipelineName, stageName, actionName, token },
      expires: shownTime(approval.expires),
      ...(externalEntityLink && { externalEntityLink }),
      approvalReviewLink,
      ...(customData && { customData }),
    },
  };
}

/** `2016-07-07T20:22Z` */
const shownTime = (time: number) => `${new Date(time).toISOString().slice(0, 16)}Z`;

function textOf(approval: Approval, link: string): string {
  const { pipelineName, stageName, actionName, region, expires, externalEntityLink, customData } =
    approval;
  return [
    ...['Hello,', '', 'The following Approval action is waiting for your response:', ''],
    ...['--Pipeline Details--', '', `Pipeline name: ${pipelineName}`, `Stage name: ${stageName}`],
    ...[`Action name: ${actionName}`, `Region: ${region}`, '', '--Approval Details--', ''],
    `Approve or reject: ${link}`,
    ...(externalEntityLink ? [`Content to review: ${externalEntityLink}`] : []),
    ...(customData ? [`Additional information: ${customData}`] : []),
    `Deadline: This review request will expire on ${shownTime(expires)}`,
    `Token: ${approval.token}`,
  ].join('\n');
}
