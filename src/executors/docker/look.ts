import { dirname } from 'node:path';
import type Docker from 'dockerode';
import type { WorkInfo, WorkState } from '../executor.ts';
import {
  ENTRY_POINT_LABEL,
  LACKS_LABEL,
  LOOPBACK,
  MACHINE_LABEL,
  ROOT_LABEL,
} from './container.ts';
import { statOf } from './path-stat.ts';
import { NEVER_RUN } from './wrapper.ts';

/** Of work that was prepared before roots were written on containers. */
const FORMER_ROOT = '/codebuild';

/** What one look at a container tells. */
export interface Look {
  state: WorkState;
  root: string;
  entryPoint: boolean;
  /** It may be started again. */
  machine: boolean;
  address?: string;
  exitCode?: number;
  image?: string;
  lacks?: string[];
  network?: string;
  ports?: NonNullable<WorkInfo['ports']>;
}

export function lookOf({
  State,
  Config,
  HostConfig,
  NetworkSettings,
}: Docker.ContainerInspectInfo): Look {
  const running = State.Running || State.Restarting || State.Paused;
  const ports = Object.entries(NetworkSettings.Ports ?? {}).flatMap(([inside, outside]) =>
    (outside ?? [])
      .slice(0, 1)
      .map(({ HostPort }) => [parseInt(inside, 10), { host: LOOPBACK, port: Number(HostPort) }]),
  );
  const machine = Config.Labels[MACHINE_LABEL];
  const lacks = Config.Labels[LACKS_LABEL];
  const address = machine && NetworkSettings.Networks[machine]?.IPAddress;
  return {
    machine: machine !== undefined,
    ...(running && address && { address }),
    state: State.Status === 'created' ? 'prepared' : running ? 'running' : 'ended',
    root: Config.Labels[ROOT_LABEL] ?? FORMER_ROOT,
    entryPoint: Config.Labels[ENTRY_POINT_LABEL] !== undefined,
    image: Config.Image,
    ...(lacks && { lacks: lacks.split(',') }),
    ...(HostConfig.NetworkMode && { network: HostConfig.NetworkMode }),
    ...(State.Status !== 'created' && !running && { exitCode: State.ExitCode }),
    ...(running && ports.length > 0 && { ports: Object.fromEntries(ports) }),
  };
}

const ANONYMOUS_VOLUME = /^[0-9a-f]{64}$/;

/** The directories with what a container has written, its log and what goes with it too; none where the engine does not say. */
export function placesOf(info: Docker.ContainerInspectInfo): string[] {
  const { Mounts, LogPath, GraphDriver } = info;
  const tree = GraphDriver?.Data as { UpperDir?: string } | undefined;
  const volumes = Mounts.filter(({ Name = '' }) => ANONYMOUS_VOLUME.test(Name));
  const places = [tree?.UpperDir, LogPath && dirname(LogPath), ...volumes.map((one) => one.Source)];
  return places.flatMap((place) => place || []);
}

/** The image's own program gets no shell about it, which the image may not have: what stopped it lies beside it. */
export async function neverRun(container: Docker.Container, root: string): Promise<boolean> {
  return (await statOf(container, `${root}/${Object.keys(NEVER_RUN)[0]}`)) !== undefined;
}
