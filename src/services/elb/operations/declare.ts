import type * as client from '@aws-sdk/client-elastic-load-balancing';
import { declare } from '../../../kit/operation.ts';
import type { ServiceContext } from '../../../kit/service.ts';

/** Declares one operation of this service: types and IAM action follow from its name. */
export const elb = declare<typeof client, ServiceContext>('elasticloadbalancing');
