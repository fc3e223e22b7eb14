import type Docker from 'dockerode';
import { rootOf, type WorkSpec } from '../executor.ts';
import { LABEL } from './engine.ts';
import { privilegedWithout } from './rights.ts';
import { MACHINE_WRAPPER, WRAPPER } from './wrapper.ts';

/** Before the names of all that is made here. */
export const NAME_PREFIX = 'slipway-';
export const ROOT_LABEL = 'slipway.root';
/** On containers that run their image's entry point. */
export const ENTRY_POINT_LABEL = 'slipway.entry-point';
/** On containers that are machines: the network in which they have their address. */
export const MACHINE_LABEL = 'slipway.machine';
/** On privileged containers: the capabilities that the engine could not give. */
export const LACKS_LABEL = 'slipway.lacks';
export const LOOPBACK = '127.0.0.1';
/** By which containers with a network of their own reach the machine. */
export const HOST_NAME = 'host.docker.internal';
const NANO = 1e9;
/** Else the first work that mounts a volume would fill it with what its image has there. The client's types want what the engine does not. */
export const NO_COPY = { NoCopy: true } as Docker.MountSettings['VolumeOptions'];
/** A machine may write for years: what it has said last is kept. All of a build's log is. */
const MACHINE_LOG = { 'max-size': '10m', 'max-file': '2' };
/** A build that forks without end must not take the machine's processes from the server. */
export const MOST_PROCESSES = 4096;

/**
 * The container of this work.
 * @param otherwise the network of work that needs none of its own
 * @param processors how many the machine has
 * @param lacked capabilities that the engine cannot give
 */
export function configurationOf(
  spec: WorkSpec,
  {
    otherwise,
    processors,
    lacked,
  }: { otherwise: 'host' | 'bridge'; processors: number; lacked: string[] },
): Docker.ContainerCreateOptions {
  const { environment, memoryBytes, cpus, privileged, labels, id } = spec;
  const { ports = [], mounts = [] } = spec;
  const root = rootOf(spec);
  // Each needs the port that it listens on for itself, and an engine within one would take the machine's network for its own.
  const apart = ports.length > 0 || privileged === true;
  const own = spec.network === undefined ? undefined : NAME_PREFIX + spec.network;
  const network = own ?? (apart ? 'bridge' : otherwise);
  return {
    name: NAME_PREFIX + id,
    Image: spec.image ?? '',
    ...whatRuns(spec, root),
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    Labels: {
      ...labels,
      ...{ [LABEL]: id, [ROOT_LABEL]: root },
      ...(!spec.command && { [ENTRY_POINT_LABEL]: '1' }),
      ...(spec.machine && { [MACHINE_LABEL]: network }),
      ...(privileged && lacked.length > 0 && { [LACKS_LABEL]: lacked.join() }),
    },
    ExposedPorts: byPort(ports, {}),
    ...(spec.machine && {
      NetworkingConfig: {
        EndpointsConfig: { [network]: { IPAMConfig: { LinkLocalIPs: [spec.machine.linkLocal] } } },
      },
    }),
    HostConfig: {
      // The machine's other ends are told by `attach`; strangers do not reach them.
      PortBindings: byPort(ports, [{ HostIp: LOOPBACK, HostPort: '' }]),
      Mounts: mounts.map(({ volume, path, readOnly = false }) => ({
        ...({ Type: 'volume', Source: NAME_PREFIX + volume } as const),
        ...{ Target: path, ReadOnly: readOnly },
        // Else the first work would fill it with what its image has there, for all that come after.
        VolumeOptions: NO_COPY,
      })),
      ...(memoryBytes && { Memory: memoryBytes }),
      // The engine refuses more than the machine has.
      ...(cpus && { NanoCpus: Math.min(cpus, processors) * NANO }),
      // Raw sockets would read what others say to the server, over loopback and without TLS.
      ...(privileged
        ? privilegedWithout(lacked)
        : { CapDrop: ['NET_RAW'], PidsLimit: MOST_PROCESSES }),
      NetworkMode: network,
      ...(network !== 'host' && { ExtraHosts: [`${HOST_NAME}:host-gateway`] }),
      // Whatever the engine's default is: the log must be there from the first byte.
      LogConfig: { Type: 'json-file', Config: spec.machine ? MACHINE_LOG : {} },
    },
  };
}

/** Entry point, command, user and directory of the container. */
function whatRuns(spec: WorkSpec, root: string): Docker.ContainerCreateOptions {
  if (!spec.command) return spec.arguments ? { Cmd: spec.arguments } : {};
  const wrapper = spec.machine ? MACHINE_WRAPPER : WRAPPER;
  const command = ['/bin/sh', '-c', wrapper, 'slipway-work', root, ...spec.command(root)];
  const ours = { User: '0', WorkingDir: '/' };
  // AWS's images start the inner Docker Engine in their entry point, which privileged work wants.
  return spec.privileged
    ? { ...ours, Cmd: command }
    : { ...ours, Entrypoint: command.slice(0, 1), Cmd: command.slice(1) };
}

function byPort<T>(ports: number[], value: T): Record<string, T> {
  return Object.fromEntries(ports.map((port) => [`${port}/tcp`, value]));
}
