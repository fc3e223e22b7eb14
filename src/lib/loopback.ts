import { isIP } from 'node:net';

/** Does what goes to this host stay on this machine? @param host also as in a URL, with an IPv6 address in brackets */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}
