/** SQLSTATE classes of a connection that is none (08), and of a server that ends, died or is not ready yet (57P0x). */
const CONNECTION_CLASS = '08';
const SHUTDOWN = /^57P0[1-5]$/;
/** What `pg` says, without a code, of connections that it lost. */
const LOST =
  /^Connection terminated|^Client (?:has encountered a connection error|was closed)|^timeout exceeded when trying to connect/;
/** What our own services (lib/outage.ts) say of it. */
const SAID = /\bdatabase does not answer\b/;
const DEEPEST_CAUSE = 8;

/** There is no connection to the database: what it holds can neither be read nor changed until it is back. */
export class DatabaseGoneError extends Error {
  override readonly name = 'DatabaseGoneError';

  /** With what the operating system said of it: code, address, port. */
  constructor(cause: Error) {
    super(`The database does not answer: ${cause.message}`, { cause });
    const { code, address, port, hostname } = cause as unknown as Record<string, unknown>;
    Object.assign(this, { code, address, port, hostname });
  }
}

/** Did a statement fail since its connection broke, and not for what it says? @param error as `pg` throws it */
export function isLostConnection(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code = '', syscall } = error as { code?: string; syscall?: string };
  return (
    syscall !== undefined ||
    SHUTDOWN.test(code) ||
    (code.length === 5 && code.startsWith(CONNECTION_CLASS)) ||
    LOST.test(error.message)
  );
}

/** Is `error`, or what caused it, that the database is gone? */
export function isDatabaseGone(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; depth < DEEPEST_CAUSE && cause instanceof Error; depth += 1) {
    if (cause instanceof DatabaseGoneError || SAID.test(cause.message)) return true;
    cause = cause.cause;
  }
  return false;
}
