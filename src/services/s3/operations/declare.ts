import type * as client from '@aws-sdk/client-s3';
import { type Declare, declare } from '../../../kit/operation.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { refuseHeaders } from '../requests/refused.ts';

const plain = declare<typeof client, ServiceContext>('s3');

/** Declares one operation of this service: types and IAM action follow from its name. What no operation takes is refused by all. */
export const s3: Declare<typeof client, ServiceContext> = (name, rule, handle) =>
  plain(name, rule, async (ctx, input, resource) => {
    refuseHeaders(input as object);
    return handle(ctx, input, resource);
  });
