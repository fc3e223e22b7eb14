import { hostname, networkInterfaces } from 'node:os';
import { REGIONS } from './lib/regions.ts';

/** Names under which containers reach the machine that they run on. */
const CONTAINER_HOSTS = ['host.docker.internal', 'host.containers.internal'];

/**
 * The names that are this server's: those of its machine on its own network, of the machine of containers, and what
 * its administrator says. @param host that it listens on
 */
export function serverNames(host: string, allowedHosts: readonly string[]): string[] {
  const name = hostname();
  const short = name.replace(/\..*$/, '');
  return [...new Set([name, short, `${short}.local`, ...CONTAINER_HOSTS, host, ...allowedHosts])];
}

/** By which other machines reach this one. */
function machineAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all = []) =>
    all.map(({ address }) => address),
  );
}

/**
 * What clients may call the server over TLS: its own names and addresses, and AWS's names, which
 * git-remote-codecommit and the CodeDeploy agent make of a region and a name server or a proxy leads here.
 * @param names of the server @param region its own, which may be none of AWS's
 */
export function tlsNames(names: readonly string[], region: string): string[] {
  const local = ['localhost', '*.localhost', '*.s3.localhost', '127.0.0.1', '::1'];
  const global = ['*.amazonaws.com', '*.s3.amazonaws.com'];
  const regional = [...new Set([region, ...REGIONS])].flatMap((name) => [
    `*.${name}.amazonaws.com`,
    `*.s3.${name}.amazonaws.com`,
  ]);
  return [...new Set([...local, ...names, ...machineAddresses(), ...global, ...regional])];
}
