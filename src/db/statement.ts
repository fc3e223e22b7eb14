import type { Compilable, CompiledQuery } from 'kysely';
import type { Tx } from './database.ts';
import { Parameter } from './parameter.ts';

/**
 * A query that is built once for each connection and then only run: for what many requests do, where building takes longer
 * than running. Columns that lie sealed are sealed at each run.
 *
 *     const byName = statement<{ name: string }, Row>((tx, parameter) =>
 *       on(tx).selectFrom('t').selectAll().where('name', '=', parameter('name')));
 *     const [row] = await byName(tx, { name });
 */
export function statement<P extends object, R>(
  build: (tx: Tx, parameter: <K extends keyof P>(name: K) => P[K]) => Compilable<R>,
): (tx: Tx, parameters: P) => Promise<R[]> {
  // By connection, not by dialect: each database seals with its own keys.
  const compiled = new WeakMap<object, CompiledQuery<R>>();
  return async (tx, parameters) => {
    const { adapter } = tx.getExecutor();
    let query = compiled.get(adapter);
    if (!query) {
      query = build(tx, (name) => new Parameter(name) as never).compile();
      compiled.set(adapter, query);
    }
    const values = query.parameters.map((value) =>
      value instanceof Parameter ? value.of(parameters) : value,
    );
    const { rows } = await tx.executeQuery<R>({ ...query, parameters: values });
    return rows;
  };
}
