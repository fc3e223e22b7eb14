import { expect, test } from 'vitest';
import { makeDummyExecutor } from './dummy/dummy-executor.ts';
import type { Capability, Executor, WorkSpec } from './executor.ts';
import { Executors } from './several.ts';

/** An executor of that name and no more than these capabilities. */
function executor(kind: Executor['kind'], capabilities: Capability[]): Executor {
  const dummy = makeDummyExecutor(() => async () => 0);
  return new Proxy(dummy, {
    get(target, key) {
      if (key === 'kind') return kind;
      if (key === 'capabilities') return capabilities;
      if (key === 'prepare') return async ({ id }: WorkSpec) => `${kind}:${id}`;
      if (key === 'attach') return async () => ({ state: 'prepared', root: `/${kind}` });
      const value = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const spec = (more: Partial<WorkSpec> = {}): WorkSpec => ({
  ...{ id: 'w', command: () => ['true'], environment: {}, labels: {} },
  ...more,
});
const executors = new Executors([
  executor('process', ['privileged']),
  executor('docker', ['entry-point', 'ports', 'privileged']),
]);

test.each([
  ['needs nothing', {}, 'process'],
  ['has wishes alone', { image: 'x', memoryBytes: 1, rootDirectory: '/x' }, 'process'],
  ['is privileged', { privileged: true }, 'process'],
  ['listens', { ports: [80] }, 'docker'],
  ['is privileged and listens', { privileged: true, ports: [80] }, 'docker'],
  ['is the image’s own', { command: undefined }, 'docker'],
])('work that %s goes to the first that can: %j', async (_, more, kind) => {
  const handle = await executors.prepare(spec(more));
  expect(handle).toBe(`${kind}:w`);
  expect(await executors.attach(handle)).toEqual({ state: 'prepared', root: `/${kind}` });
});

test('work that none can run is refused with what each lacks', async () => {
  const refused = executors.prepare(spec({ mounts: [{ volume: 'v', path: '/v' }], ports: [80] }));
  await expect(refused).rejects.toMatchObject({
    name: 'CannotRun',
    message: 'the process executor lacks ports, mounts; the docker executor lacks mounts',
  });
});

test('work of an executor that is not here is absent, and removed already', async () => {
  expect(await executors.attach('dummy:w')).toEqual({ state: 'absent', root: '' });
  await executors.stop('dummy:w', 0);
  await executors.remove('dummy:w');
  await expect(executors.wait('dummy:w')).rejects.toThrow('dummy:w');
});
