import type * as client from '@aws-sdk/client-ec2';
import { type Declare, declare } from '../../../kit/operation.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { wouldSucceed } from '../errors.ts';

/** Whom the roles of instances trust. */
export const SERVICE_PRINCIPAL = 'ec2.amazonaws.com';

const plain = declare<typeof client, ServiceContext>('ec2');

/**
 * Declares one operation of this service: types and IAM action follow from its name. One that is only to be tried (DryRun) ends
 * where the caller's permission is known.
 */
export const ec2: Declare<typeof client, ServiceContext> = (name, rule, handle) =>
  plain(name, rule, async (ctx, input, resource) => {
    endTrial(input as { DryRun?: boolean });
    return handle(ctx, input, resource);
  });

/** The same for one that has more to ask: it calls `endTrial` itself, once all of that is answered. */
export const ec2Asking = plain;

/** @throws DryRunOperation where the call is to be tried only */
export function endTrial({ DryRun }: { DryRun?: boolean | undefined }): void {
  if (DryRun) throw wouldSucceed();
}
