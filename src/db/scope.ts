import { AsyncLocalStorage } from 'node:async_hooks';
import type { Tx } from './database.ts';

/** What is known of the transaction that the current code runs in. */
interface Scope {
  /** False once it has ended: code that it started may still carry the scope. */
  active: boolean;
  /** A statement failed, so PostgreSQL would roll back at commit without a word. */
  failed: boolean;
  afterCommit: Map<unknown, () => void>;
}

const scopes = new AsyncLocalStorage<Scope>();

/** True while the calling code runs inside `transaction`. */
export function insideTransaction(): boolean {
  return scopes.getStore()?.active === true;
}

/** Notes that a statement of the current transaction failed. */
export function noteFailure(): void {
  const scope = scopes.getStore();
  if (scope) scope.failed = true;
}

/**
 * Runs `hook` once the transaction `tx` that the caller is in has committed; never when it does not.
 * Hooks with the same `identity` run once. They must not throw.
 * @throws Error outside a transaction.
 */
export function afterCommit(tx: Tx, identity: unknown, hook: () => void): void {
  const scope = scopes.getStore();
  if (!scope?.active || !tx.isTransaction) {
    throw new Error(
      'This needs the transaction it belongs to: call it inside transaction(), with its tx.',
    );
  }
  scope.afterCommit.set(identity, hook);
}

/** Runs one attempt of a transaction: `commit` begins it, calls what it is given, and commits. */
export async function runScoped<T>(
  work: (tx: Tx) => Promise<T>,
  commit: (work: (tx: Tx) => Promise<T>) => Promise<T>,
): Promise<T> {
  const scope: Scope = { active: true, failed: false, afterCommit: new Map() };
  try {
    const result = await scopes.run(scope, () =>
      commit(async (tx) => {
        const value = await work(tx);
        if (scope.failed) {
          throw new Error(
            'A statement of this transaction failed and the error was swallowed; it cannot commit. Use onConflict, or catch outside the transaction.',
          );
        }
        return value;
      }),
    );
    scope.active = false;
    for (const hook of scope.afterCommit.values()) hook();
    return result;
  } finally {
    scope.active = false;
  }
}
