import type * as client from '@aws-sdk/client-codecommit';
import { unsupported } from '../../../aws/errors.ts';
import { GitLimitError } from '../../../git/bounds.ts';
import { type Declare, declare } from '../../../kit/operation.ts';
import type { ServiceContext } from '../../../kit/service.ts';

const declared = declare<typeof client, ServiceContext>('codecommit');

/** Declares one operation of this service: types and IAM action follow from its name. What git may not do for it is refused. */
export const codecommit: Declare<typeof client, ServiceContext> = (name, rule, handle) =>
  declared(name, rule, async (...call) => {
    try {
      return await handle(...call);
    } catch (error) {
      if (error instanceof GitLimitError) throw unsupported(error.message);
      if ((error as Error).name === 'TimeoutError') throw unsupported('comparisons of this size');
      throw error;
    }
  });
