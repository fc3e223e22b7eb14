import type { RequestFacts } from '../aws/context.ts';
import type { AnyOperations, Authorize, Operation } from '../aws/operation.ts';
import type { Conditions } from '../aws/principal.ts';
import { ownValue } from '../lib/own.ts';
import { tagConditions } from './tags.ts';

/** The IAM question that a call asks before the operation runs. */
export interface Question<C, I> {
  /** Such as `s3:GetObject`; several when the call needs all of them. Default: `SERVICE:OPERATION`. */
  action?: string | string[];
  /** ARNs of what the call touches; `*` (the default) where the action has no resource-level permission. */
  resource?: '*' | ((ctx: C, input: I) => string | string[] | Promise<string | string[]>);
  /** Service-specific condition keys, in lower case. Global ones (`aws:…`) are added for all. */
  conditions?: (ctx: C, input: I) => Conditions | Promise<Conditions>;
}

/** A question that depends on the operation's action and answers with what the operation works on: see `on`. */
export interface ActionRule<C, I, R> extends Pick<Question<C, I>, 'action' | 'conditions'> {
  ask(action: string | string[], conditions?: Question<C, I>['conditions']): Authorize<C, I, R>;
}

/** What it takes to be allowed to call an operation: none, asked by the operation itself, or a question. */
export type Rule<C, I, R> = 'none' | 'self' | Question<C, I> | ActionRule<C, I, R>;

// biome-ignore lint/suspicious/noExplicitAny: stands in patterns of types for what they do not ask about
type Any = any;

interface AnyCommand {
  resolveMiddleware(...args: Any[]): unknown;
}
type AnyCommandClass = new (...args: Any[]) => AnyCommand;
/** A command's handler answers with its output, which is the only place that names it. */
interface CommandOf<O> {
  resolveMiddleware(...args: Any[]): (...args: Any[]) => Promise<{ output: O }>;
}

/** The operations of client package `M`, in camelCase. */
export type OperationName<M> = {
  [K in keyof M]: K extends `${infer Name}Command`
    ? M[K] extends AnyCommandClass
      ? Uncapitalize<Name>
      : never
    : never;
}[keyof M];
type CommandNamed<M, N extends string> = `${Capitalize<N>}Command` extends keyof M
  ? M[`${Capitalize<N>}Command`]
  : never;
/** What a caller of operation `N` sends. */
export type InputOf<M, N extends string> =
  CommandNamed<M, N> extends new (input: Any) => { input: infer I } ? I : never;
/** What operation `N` answers with. */
export type OutputOf<M, N extends string> =
  CommandNamed<M, N> extends new (
    ...args: Any[]
  ) => CommandOf<infer O>
    ? Omit<O, '$metadata'>
    : never;

/** Declares one operation: its types and its IAM action follow from its name. */
export type Declare<M, C> = <N extends OperationName<M> & string, R = undefined>(
  name: N,
  rule: Rule<C, InputOf<M, N>, R>,
  handle: (ctx: C, input: InputOf<M, N>, resource: R) => Promise<OutputOf<M, N>>,
) => Operation<C, InputOf<M, N>, OutputOf<M, N>, R>;

/**
 * How a service declares its operations: `export const kms = declare<typeof client, ServiceContext>('kms')`, then
 * `export const listKeys = kms('listKeys', {}, async (ctx, input) => …)`.
 * @param prefix of its IAM actions
 */
export function declare<M, C extends RequestFacts>(prefix: string): Declare<M, C> {
  return (name, rule, handle) => operation(prefix, name, rule, handle);
}

/** `declare` for one operation of an API that has no client package: its types are the handler's. */
export function operation<C extends RequestFacts, I, O, R = undefined>(
  prefix: string,
  name: string,
  rule: Rule<C, I, R>,
  handle: (ctx: C, input: I, resource: R) => Promise<O>,
): Operation<C, I, O, R> {
  const action = `${prefix}:${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const named = (ctx: C, input: I, resource: Any) => handle(ctx, input, resource);
  // So that stack traces and walks over operations say which one it is.
  Object.defineProperty(named, 'name', { value: name });
  return Object.assign(named, { authorize: authorizeBy(rule, action) }) as Any;
}

function authorizeBy<C extends RequestFacts, I, R>(
  rule: Rule<C, I, R>,
  action: string,
): Operation<C, I, unknown, R>['authorize'] {
  if (rule === 'none' || rule === 'self') return rule;
  if ('ask' in rule) return rule.ask(rule.action ?? action, rule.conditions);
  const actions = [rule.action ?? action].flat();
  return async (ctx, input) => {
    const { resource = '*' } = rule;
    const asked = resource === '*' ? '*' : await resource(ctx, input);
    const conditions = { ...tagConditions(input), ...(await rule.conditions?.(ctx, input)) };
    for (const each of actions) await ctx.authorize(each, asked, { conditions });
    return undefined as R;
  };
}

type UnionToIntersection<U> = (U extends unknown ? (u: U) => void : never) extends (
  i: infer I,
) => void
  ? I
  : never;
type OperationsOf<M> = {
  [K in keyof M as M[K] extends { authorize: unknown } ? K : never]: M[K];
};

/** The operations that modules export, by name. @throws Error when two have one name */
export function operationsIn<M extends object[]>(
  ...modules: M
): OperationsOf<UnionToIntersection<M[number]>> {
  const operations: AnyOperations = Object.create(null);
  for (const exported of modules.flatMap((module) => Object.values(module))) {
    if (typeof exported !== 'function' || !('authorize' in exported)) continue;
    if (ownValue(operations, exported.name)) throw new Error(`${exported.name} is declared twice`);
    operations[exported.name] = exported as AnyOperations[string];
  }
  return operations as Any;
}
