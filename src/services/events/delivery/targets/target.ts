import type { Arn } from '../../../../aws/arn.ts';
import type { ActAs, Platform } from '../../../../kit/service.ts';
import type { RuleTarget } from '../../model/rule.ts';
import type { Delivery } from '../../store/deliveries.ts';

/** All that sending an event to a target takes. */
export interface Sending {
  delivery: Delivery;
  target: RuleTarget;
  arn: Arn;
  /** What the target gets, as its rule says. */
  input: string;
  /** For whom: the role of the target, or EventBridge for the rule. */
  actAs: ActAs;
}

/** A kind of target. */
export interface TargetKind {
  /** What a refusal calls it. */
  name: string;
  isOf(arn: Arn): boolean;
  /** A target without a role is refused. */
  needsRole?: boolean;
  /** @throws what the API of the target says, or DeliveryFailed */
  send(ctx: Platform, sending: Sending): Promise<void>;
}
