import { randomUUID } from 'node:crypto';
import type { Provider } from './provider.ts';

/** Waits for PutApprovalResult, which must present the token that is made here (CP-C29, CP-C30). */
export const manualApproval: Provider = {
  async start() {
    return { state: 'running', progress: { token: randomUUID() } };
  },
};
