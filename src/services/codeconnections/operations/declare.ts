import type * as client from '@aws-sdk/client-codestar-connections';
import type { RequestFacts } from '../../../aws/context.ts';
import type { Operation } from '../../../aws/operation.ts';
import {
  type InputOf,
  type OperationName,
  type OutputOf,
  operation,
  type Rule,
} from '../../../kit/operation.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { isApiName, type ProviderType } from '../model/connection.ts';

/** A provider that only the newer of both APIs has. */
type Loose<I, N> = N extends 'createConnection'
  ? Omit<I, 'ProviderType'> & { ProviderType?: ProviderType | undefined }
  : I;

type Name = OperationName<typeof client> & string;
export type Input<N extends Name> = Loose<InputOf<typeof client, N>, N>;

/** Declares one operation of both APIs: types and IAM action follow from its name. */
export function connections<N extends Name, R = undefined>(
  name: N,
  rule: Rule<ServiceContext, Input<N>, R>,
  handle: (
    ctx: ServiceContext,
    input: Input<N>,
    resource: R,
  ) => Promise<OutputOf<typeof client, N>>,
): Operation<ServiceContext, Input<N>, OutputOf<typeof client, N>, R> {
  return ofBoth(operation(PREFIX, name, rule, handle));
}

const PREFIX = 'codeconnections';

/**
 * An operation asks IAM about the action of the name that the resource has, and where none is named of the API that is
 * called: a policy's actions and resources have one prefix (CX-01).
 */
export function ofBoth<I, O, R>(
  declared: Operation<ServiceContext, I, O, R>,
): Operation<ServiceContext, I, O, R> {
  const { authorize } = declared;
  if (typeof authorize !== 'function') return declared;
  const asking = (ctx: ServiceContext, input: I) => authorize(renaming(ctx), input);
  return Object.assign(declared, { authorize: asking });
}

/** The context whose questions are about actions by their right name. */
export function renaming<C extends RequestFacts>(ctx: C): C {
  return Object.create(ctx, {
    authorize: {
      value: ((action, resource, options) => {
        const [first = ''] = [resource].flat();
        const [, , service = ''] = first.split(':');
        const name = isApiName(service) ? service : ctx.api;
        const asked = action.replace(/^code(?:connections|star-connections):/, `${name}:`);
        return ctx.authorize(asked, resource, options);
      }) satisfies RequestFacts['authorize'],
    },
  });
}
