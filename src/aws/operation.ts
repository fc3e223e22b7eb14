import type { RequestFacts } from './context.ts';
import type { Conditions } from './principal.ts';

/** The IAM question that a call of an operation asks before the operation runs. */
export interface Authorization<C, I> {
  /** Such as `codebuild:StartBuild`; several when the call needs all of them. */
  action: string | string[];
  /** ARNs of what the call touches; `*` where the action has no resource-level permission. */
  resource: '*' | ((ctx: C, input: I) => string | string[] | Promise<string | string[]>);
  /**
   * What a refusal calls the resource. Needed where `resource` looks something up: who may not know whether a thing
   * exists gets the same words in both cases.
   */
  named?: (ctx: C, input: I) => string | undefined;
  /** Service-specific condition keys, in lower case. Global ones (`aws:…`) are added for all. */
  conditions?: (ctx: C, input: I) => Conditions | Promise<Conditions>;
}

/** `none`: AWS itself asks for no permission (sts:GetCallerIdentity). `self`: the operation asks itself, through `ctx.authorize`. */
export type AuthorizeRule<C, I> = Authorization<C, I> | 'none' | 'self';

/** One AWS operation: input and output are the SDK's shapes, errors the SDK's exception classes. */
export interface Operation<C, I, O> {
  (ctx: C, input: I): Promise<O>;
  authorize: AuthorizeRule<C, I>;
}

/** Joins an operation and what it takes to be allowed to call it. */
export function operation<C, I, O>(
  authorize: AuthorizeRule<C, I>,
  handle: (ctx: C, input: I) => Promise<O>,
): Operation<C, I, O> {
  return Object.assign((ctx: C, input: I) => handle(ctx, input), { authorize });
}

/** Marks an operation that is not built yet: it answers 501 `NotImplemented` with its name. */
export const notImplemented = Symbol('notImplemented');
export type NotImplemented = typeof notImplemented;

// biome-ignore lint/suspicious/noExplicitAny: stands in patterns of types for what they do not ask about
type Any = any;

interface AnyCommand {
  resolveMiddleware(...args: Any[]): unknown;
}
type AnyCommandClass = new (...args: Any[]) => AnyCommand;
type InputOf<K> = K extends new (input: Any) => { input: infer I } ? I : never;
/** A command's handler answers with its output, which is the only place that names it. */
interface CommandOf<O> {
  resolveMiddleware(...args: Any[]): (...args: Any[]) => Promise<{ output: O }>;
}
type OutputOf<K> = K extends new (
  ...args: Any[]
) => CommandOf<infer O>
  ? Omit<O, '$metadata'>
  : never;

/** What a service implements: every operation of its client package `M`, in camelCase. A missing one does not compile. */
export type Operations<M, C extends RequestFacts> = {
  [K in keyof M as K extends `${infer Name}Command`
    ? M[K] extends AnyCommandClass
      ? Uncapitalize<Name>
      : never
    : never]: Operation<C, InputOf<M[K]>, OutputOf<M[K]>> | NotImplemented;
};

/** Operations by camelCase name, types erased: what the dispatcher works with. */
// biome-ignore lint/suspicious/noExplicitAny: the dispatcher serves operations of every type
export type AnyOperations = Record<string, Operation<any, any, any> | NotImplemented>;
