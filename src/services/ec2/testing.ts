import { PassThrough, Readable } from 'node:stream';
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { makeDummyExecutor } from '../../executors/dummy/dummy-executor.ts';
import type { Executor, WorkState } from '../../executors/executor.ts';
import type { World } from '../../testing.ts';

/** Machines that are nothing but their states, for tests of what is above the executor. */
export function makeMachines() {
  const machines = new Map<string, WorkState>();
  const ended = new Map<string, () => void>();
  const dummy = makeDummyExecutor(() => async () => 0);
  const over = (handle: string, state: WorkState) => {
    machines.set(handle, state);
    ended.get(handle)?.();
  };
  const executor: Executor = Object.assign(Object.create(dummy) as Executor, {
    capabilities: ['mounts', 'network', 'machine'],
    async prepare({ id }: { id: string }) {
      const handle = `dummy:${id}`;
      if (!machines.has(handle)) machines.set(handle, 'prepared');
      return handle;
    },
    async attach(handle: string) {
      const state = machines.get(handle) ?? 'absent';
      return { state, root: '/', ...(state === 'running' && { address: '172.18.0.2' }) };
    },
    async copyIn(_handle: string, _path: string, tar: Readable) {
      tar.resume();
    },
    async start(handle: string) {
      machines.set(handle, 'running');
    },
    async stop(handle: string) {
      if (machines.has(handle)) over(handle, 'ended');
    },
    async remove(handle: string) {
      over(handle, 'absent');
      machines.delete(handle);
    },
    async removeNetwork() {},
    async removeVolume() {},
    wait(handle: string, signal?: AbortSignal) {
      const { promise, resolve, reject } = Promise.withResolvers();
      ended.set(handle, () => resolve({ kind: 'exited', status: 0 }));
      signal?.addEventListener('abort', () => reject(signal.reason));
      return promise;
    },
    // There is no program on the other side.
    async exec() {
      const gone = Promise.resolve(1);
      return {
        stdin: new PassThrough(),
        output: Readable.from([]),
        status: gone,
        end: async () => {},
      };
    },
    logs: () => Readable.from([Buffer.from('console')]),
  });
  return { executor, machines, end: (handle: string) => over(handle, 'ended') };
}

/** The VPC that there is in each region, and two of its subnets. */
export async function defaultNetwork(world: Pick<World, 'client'>) {
  const command = new DescribeSubnetsCommand({});
  const { Subnets: [one, other] = [] } = await world.client(EC2Client).send(command);
  return { vpc: one?.VpcId ?? '', subnets: [one?.SubnetId ?? '', other?.SubnetId ?? ''] };
}
