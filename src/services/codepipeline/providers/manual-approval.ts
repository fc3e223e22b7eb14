import { randomUUID } from 'node:crypto';
import { defineActionType } from './action-type.ts';

/** Waits for PutApprovalResult, which must present the token that is made here (CP-B29, CP-C29, CP-C30). */
export const manualApproval = defineActionType({
  categories: ['Approval'],
  provider: 'Manual',
  inputs: [0, 0],
  outputs: [0, 0],
  timeoutMinutes: 7 * 24 * 60,
  configuration: [
    { name: 'NotificationArn', description: 'The SNS topic that is told.', unsupported: true },
    { name: 'ExternalEntityLink', description: 'What the approver should look at.' },
    { name: 'CustomData', description: 'What the approver should know.' },
  ],
  // What its author says that it is about.
  links: { entity: { address: '{Config:ExternalEntityLink}' } },

  async start() {
    return { state: 'running', progress: { token: randomUUID() } };
  },
});
