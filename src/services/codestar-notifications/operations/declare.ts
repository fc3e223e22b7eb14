import type { InputOf, Operations, OutputOf } from '../../../aws/apis/codestar-notifications.ts';
import type { Operation } from '../../../aws/operation.ts';
import { operation, type Rule } from '../../../kit/operation.ts';
import type { ServiceContext } from '../../../kit/service.ts';

type Name = Uncapitalize<keyof Operations>;
export type Input<N extends Name> = InputOf<Operations[Capitalize<N>]>;
type Output<N extends Name> = OutputOf<Operations[Capitalize<N>]>;

/** Declares one operation of this service: types and IAM action follow from its name. */
export function notifications<N extends Name, R = undefined>(
  name: N,
  rule: Rule<ServiceContext, Input<N>, R>,
  handle: (ctx: ServiceContext, input: Input<N>, resource: R) => Promise<Output<N>>,
): Operation<ServiceContext, Input<N>, Output<N>, R> {
  return operation('codestar-notifications', name, rule, handle);
}
