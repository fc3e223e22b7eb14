import type { StaticOperationSchema, StaticStructureSchema } from '@smithy/types';

/*
 * How wire schemas are written here for APIs whose client package has none at run time: in the form that the SDK's
 * own packages have (`@smithy/types`, static-schemas), with TypeScript's types following from them.
 */

declare const TYPE: unique symbol;

/** A schema, and what its values are in TypeScript. */
export interface Shape<T> {
  schema: unknown;
  [TYPE]?: T;
}

/** What values of a shape are. */
export type ValueOf<S> = S extends Shape<infer T> ? T : never;

/** Traits as the SDK packs them: https://smithy.io/2.0/spec/documentation-traits.html#sensitive-trait */
const SENSITIVE = 8;

export const text: Shape<string> = { schema: 0 };
export const integer: Shape<number> = { schema: 1 };
export const flag: Shape<boolean> = { schema: 2 };
export const instant: Shape<Date> = { schema: 4 };
export const texts: Shape<string[]> = { schema: 64 };
export const textMap: Shape<Record<string, string>> = { schema: 128 };

/** One of these words: the contract refuses others. */
export const oneOf = <const W extends string>(..._words: W[]): Shape<W> => ({ schema: 0 });

/** Where a REST protocol has the member, other than in the body. */
export const bound = <T>(
  { schema }: Shape<T>,
  place: { httpLabel: 1 } | { httpQuery: string },
): Shape<T> => ({ schema: [schema, place] });

type Members = Record<string, Shape<unknown>>;
type Structure<M extends Members, R extends keyof M> = {
  [K in R]: ValueOf<M[K]>;
} & { [K in Exclude<keyof M, R>]?: ValueOf<M[K]> | undefined };

/** The shapes of one API. @param namespace Smithy's: `com.amazonaws.codebuild` */
export function shapesOf(namespace: string) {
  return {
    /** Text that records of calls do not show. */
    sensitiveText: (name: string): Shape<string> => ({
      schema: [0, namespace, name, SENSITIVE, 0],
    }),

    listOf: <T>(name: string, { schema }: Shape<T>): Shape<T[]> => ({
      schema: [1, namespace, name, 0, () => schema],
    }),

    /** @param required the names of those members that are */
    structure<M extends Members, const R extends (keyof M & string)[] = []>(
      name: string,
      members: M,
      required: [...R] = [] as never,
    ): Shape<Structure<M, R[number]>> {
      const optional = Object.keys(members).filter((member) => !required.includes(member));
      const names = [...required, ...optional];
      const schemas = names.map((member) => referred(members[member]?.schema));
      return { schema: [3, namespace, name, 0, names, schemas, required.length] };
    },

    /** An operation of a REST API. @param path its template: `/things/{name}` */
    rest<I, O>(name: string, method: string, path: string, input: Shape<I>, output: Shape<O>) {
      const http = { http: [method, path, 200] };
      const schema = [9, namespace, name, http, () => input.schema, () => output.schema];
      return { schema: schema as never as StaticOperationSchema } as OperationShape<I, O>;
    },
  };
}

export interface OperationShape<I, O> {
  schema: StaticOperationSchema;
  [TYPE]?: { input: I; output: O };
}

/** A structure or list stands in another one as a reference. */
function referred(schema: unknown): unknown {
  const isAggregate = Array.isArray(schema) && (schema[0] === 1 || schema[0] === 3);
  return isAggregate ? () => schema as unknown as StaticStructureSchema : schema;
}

type OperationShapes = Record<string, OperationShape<unknown, unknown>>;
type SaidOf<O> = O extends { [TYPE]?: infer S } ? NonNullable<S> : never;
/** What a caller of the operation sends. */
export type InputOf<O> = SaidOf<O> extends { input: infer I } ? I : never;
/** What it answers with. */
export type OutputOf<O> = SaidOf<O> extends { output: infer T } ? T : never;

/** By their names, as `Api` has them. */
export const schemasOf = (operations: OperationShapes): Record<string, StaticOperationSchema> =>
  Object.fromEntries(Object.entries(operations).map(([name, { schema }]) => [name, schema]));
