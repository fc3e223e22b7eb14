import { createHash } from 'node:crypto';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { parseArn } from '../../../aws/arn.ts';
import { invalidAction } from '../errors.ts';
import { approvalNotice } from '../model/approval-notice.ts';
import { defineActionType, type Job, setting } from './action-type.ts';

/** Waits for PutApprovalResult, which must present the token that is made here (CP-B29, CP-C29, CP-C30). */
export const manualApproval = defineActionType({
  categories: ['Approval'],
  provider: 'Manual',
  inputs: [0, 0],
  outputs: [0, 0],
  timeoutMinutes: 7 * 24 * 60,
  configuration: [
    { name: 'NotificationArn', description: 'The SNS topic that is told.' },
    { name: 'ExternalEntityLink', description: 'What the approver should look at.' },
    { name: 'CustomData', description: 'What the approver should know.' },
  ],
  rules({ name, configuration: { NotificationArn: topic } }) {
    if (topic === undefined || topic.includes('#{')) return;
    if (parseArn(topic)?.service !== 'sns')
      throw invalidAction(
        `Action configuration for action '${name}' has an invalid 'NotificationArn': it is no ARN of an SNS topic`,
      );
  },
  // What its author says that it is about.
  links: { entity: { address: '{Config:ExternalEntityLink}' } },

  async start(job) {
    const token = tokenOf(job);
    const topic = setting(job, 'NotificationArn');
    if (topic) await tell(job, topic, token);
    // Nobody sees the token in GetPipelineState (CP-C6).
    const shown = job.pipeline.declaration.executionMode !== 'PARALLEL';
    return { state: 'running', progress: { token, ...(!shown && { externalExecutionId: token }) } };
  },
});

/** The same for each try, so that who was told before a crash was told the right one: it follows from the id that was committed. */
function tokenOf({ run }: Job): string {
  const hex = createHash('sha256').update(`approval ${run.actionExecutionId}`).digest('hex');
  const [, ...parts] = /^(.{8})(.{4}).(.{3}).(.{3})(.{12})/.exec(hex) ?? [];
  const [time, middle, version, variant, node] = parts;
  return `${time}-${middle}-4${version}-a${variant}-${node}`;
}

/** Publishes under the action's role. */
async function tell(job: Job, topic: string, token: string): Promise<void> {
  const { pipeline, run } = job;
  const approval = {
    region: pipeline.region,
    pipelineName: pipeline.name,
    stageName: run.stageName,
    actionName: run.actionName,
    token,
    expires: run.deadline,
    externalEntityLink: setting(job, 'ExternalEntityLink'),
    customData: setting(job, 'CustomData'),
  };
  const addresses = { base: job.base, link: await job.approvalLink() };
  const notice = approvalNotice(approval, addresses);
  await job.client(SNSClient).send(new PublishCommand({ TopicArn: topic, ...notice }));
}
