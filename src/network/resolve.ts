import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';

/** All addresses of a host name. @throws what DNS says */
export type Resolve = (name: string) => Promise<string[]>;

/** A name server that does not answer is asked again once. */
const RESOLVER = { timeout: 2000, tries: 2 };

/** What a name server says of a name that it does not know, or that there is none to ask. */
const UNKNOWN = new Set(['ENOTFOUND', 'ENODATA', 'ECONNREFUSED', 'EREFUSED']);

/**
 * Asks DNS without the machine's own resolver, which holds one of the process's few threads until the name server answers:
 * whose name server is slow would stop what reads files. The machine's own (its hosts file) is asked for what DNS says it
 * does not know.
 */
export async function resolveName(name: string): Promise<string[]> {
  if (isIP(name) !== 0) return [name];
  // https://www.rfc-editor.org/rfc/rfc6761#section-6.3
  if (name === 'localhost' || name.endsWith('.localhost')) return ['127.0.0.1', '::1'];
  const resolver = new Resolver(RESOLVER);
  const asked = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const found = asked.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  if (found.length > 0) return found;
  const failed = asked.find((one) => one.status === 'rejected' && !UNKNOWN.has(one.reason.code));
  if (failed?.status === 'rejected') throw failed.reason;
  return (await lookup(name, { all: true, verbatim: true })).map(({ address }) => address);
}
