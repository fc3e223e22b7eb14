import type { Compilable, CompiledQuery } from 'kysely';
import type { Tx } from './database.ts';

/** Stands in a query where the value of a parameter goes. */
class Parameter {
  readonly name: PropertyKey;

  constructor(name: PropertyKey) {
    this.name = name;
  }
}

/**
 * A query that is built once for each dialect and then only run: for reads that many requests make, where
 * building takes longer than running.
 *
 *     const byName = statement<{ name: string }, Row>((tx, parameter) =>
 *       on(tx).selectFrom('t').selectAll().where('name', '=', parameter('name')));
 *     const [row] = await byName(tx, { name });
 */
export function statement<P, R>(
  build: (tx: Tx, parameter: <K extends keyof P>(name: K) => P[K]) => Compilable<R>,
): (tx: Tx, parameters: P) => Promise<R[]> {
  const compiled = new Map<unknown, CompiledQuery<R>>();
  return async (tx, parameters) => {
    const dialect = tx.getExecutor().adapter.constructor;
    let query = compiled.get(dialect);
    if (!query) {
      query = build(tx, (name) => new Parameter(name) as never).compile();
      compiled.set(dialect, query);
    }
    const values = query.parameters.map((value) =>
      value instanceof Parameter ? parameters[value.name as keyof P] : value,
    );
    const { rows } = await tx.executeQuery<R>({ ...query, parameters: values });
    return rows;
  };
}
