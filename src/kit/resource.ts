import type { RequestFacts } from '../aws/context.ts';
import type { Conditions } from '../aws/principal.ts';
import type { ActionRule } from './operation.ts';
import { resourceTagConditions, type Tags, tagConditions } from './tags.ts';

/** Where a thing lies that a caller named, whether it exists or not. */
export interface Located {
  arn: string;
  /** Its owner, which is the account in its ARN and not always the caller's. */
  accountId: string;
}

/**
 * A kind of resource: all that the house has to know of it.
 * `N`: how callers name it. `L`: what comes of reading that. `T`: the thing as the store has it.
 */
export interface Resource<C, N, L extends Located, T> {
  /** CloudFormation's name: `AWS::KMS::Key`. */
  type: string;
  /** Reads a name, id or ARN. @throws the service's own error for what is none */
  locate(ctx: C, named: N): L | Promise<L>;
  find(ctx: C, located: L): Promise<T | undefined>;
  /** Where the ARN is only known once the thing is found, or is another one than what the caller named. */
  arn?(thing: T, located: L): string;
  /** What a refusal calls it, where the ARN would tell more than the caller said. */
  named?(located: L): string;
  notFound(ctx: C, located: L): Error;
  /** Those that a policy may ask for as `aws:ResourceTag/…`. */
  tags?(thing: T): Tags;
  policy?: {
    /** The resource's own policy as JSON, or undefined when it has none. */
    of(thing: T): string | undefined;
    /** Nobody gets in whom this policy does not name, whatever his own policies say: KMS keys. */
    required: boolean;
  };
}

export function defineResource<C, N, L extends Located, T>(
  resource: Resource<C, N, L, T>,
): Resource<C, N, L, T> {
  return resource;
}

/** What `on` adds to the resource's own question. */
export interface OnOptions<C, I, T> {
  /** Where the IAM action is not `SERVICE:OPERATION`. */
  action?: string | string[];
  /** Service-specific condition keys, in lower case. */
  conditions?: (ctx: C, input: I, thing: T | undefined) => Conditions;
}

/**
 * The rule of an operation on the one resource that its input names. Whether it exists is for those to know who may
 * use it: others are refused in the same words in both cases. The operation gets the thing as its third argument.
 */
export function on<C extends RequestFacts, I, N, L extends Located, T>(
  resource: Resource<C, N, L, T>,
  pick: (input: I) => N,
  options: OnOptions<C, I, T> = {},
): ActionRule<C, I, T> {
  return {
    ask: (action) => async (ctx, input) => {
      const located = await resource.locate(ctx, pick(input));
      const thing = await resource.find(ctx, located);
      for (const each of [options.action ?? action].flat()) {
        await authorizeOn(
          ctx,
          resource,
          { action: each, located, thing },
          {
            ...tagConditions(input),
            ...options.conditions?.(ctx, input, thing),
          },
        );
      }
      if (thing === undefined) throw resource.notFound(ctx, located);
      return thing;
    },
  };
}

/** Asks whether the caller may do `action` with one resource, by his policies and by the resource's own. */
export async function authorizeOn<C extends RequestFacts, N, L extends Located, T>(
  ctx: C,
  resource: Resource<C, N, L, T>,
  { action, located, thing }: { action: string; located: L; thing: T | undefined },
  conditions: Conditions = {},
): Promise<void> {
  const found = thing !== undefined;
  const tags = found && resource.tags ? resourceTagConditions(resource.tags(thing)) : {};
  const document = found ? resource.policy?.of(thing) : undefined;
  await ctx.authorize(action, (found && resource.arn?.(thing, located)) || located.arn, {
    conditions: { ...tags, ...conditions },
    named: resource.named?.(located),
    type: resource.type,
    owner: located.accountId,
    resourcePolicy:
      document === undefined
        ? undefined
        : {
            document,
            kind: 'resource',
            required: resource.policy?.required ?? false,
          },
  });
}
