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
    if ((input as { DryRun?: boolean }).DryRun) throw wouldSucceed();
    return handle(ctx, input, resource);
  });
