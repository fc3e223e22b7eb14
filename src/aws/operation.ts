/**
 * Asks what has to be asked before an operation runs. What it answers with, such as the resource that it had to look
 * up anyway, is what the operation gets as its third argument.
 * @throws AccessDeniedException in AWS's words
 */
export type Authorize<C, I, R> = (ctx: C, input: I) => Promise<R>;

/** `none`: AWS itself asks for no permission (sts:GetCallerIdentity). `self`: the operation asks itself, through `ctx.authorize`. */
export type AuthorizeRule<C, I, R> = Authorize<C, I, R> | 'none' | 'self';

/** One AWS operation: input and output are the SDK's shapes, errors the SDK's exception classes. */
export interface Operation<C, I, O, R = unknown> {
  (
    ctx: C,
    input: I,
    ...resource: R extends undefined ? [resource?: undefined] : [resource: R]
  ): Promise<O>;
  /** In camelCase: `startBuild`. */
  name: string;
  authorize: AuthorizeRule<C, I, R>;
}

/** Operations by camelCase name, types erased: what the dispatcher works with. One that is not built is not there. */
// biome-ignore lint/suspicious/noExplicitAny: the dispatcher serves operations of every type
export type AnyOperations = Record<string, Operation<any, any, any, any>>;
