import { DeliveryFailed } from '../../../../kit/delivery/failure.ts';
import type { TargetKind } from './target.ts';

/** What rules may name, and nobody here answers for: each try fails as one does that is answered 501, up to the last. */
const unserved = (service: string, prefix: string, name: string): TargetKind => ({
  name,
  isOf: (arn) => arn.service === service && arn.resource.startsWith(prefix),
  async send() {
    const message = `NotImplemented: Slipway does not serve ${name} yet.`;
    throw new DeliveryFailed({ code: 'INTERNAL_ERROR', message, again: true });
  },
});

export const lambda = unserved('lambda', 'function:', 'Lambda functions');
export const stepFunctions: TargetKind = {
  ...unserved('states', 'stateMachine:', 'Step Functions state machines'),
  needsRole: true,
};
