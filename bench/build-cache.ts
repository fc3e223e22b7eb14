import { setTimeout as sleep } from 'node:timers/promises';
import {
  BatchGetBuildsCommand,
  CodeBuildClient,
  InvalidateProjectCacheCommand,
  StartBuildCommand,
} from '@aws-sdk/client-codebuild';
import { startServer, type TestServer } from '../conformance/server.ts';
import { median } from './builds.ts';
import { makeProject, makeRole } from './pipeline.ts';

const ROUNDS = 3;
/** A library of some size, of which npm brings all that it needs. */
const DEPENDENCIES = { webpack: '5.99.9', eslint: '9.30.1' };

/** `npm ci` with what the build before it has left of npm's files, and without. */
export async function benchBuildCache(): Promise<string[]> {
  // Of a registry of its own npm is told by a variable; where there is none, it knows one by itself.
  const registry = process.env.npm_config_registry ? ',npm_config_registry' : '';
  const server = await startServer({ flags: ['--build-env', `network${registry}`] });
  const [codebuild, role] = [new CodeBuildClient(server.client), await makeRole(server)];
  const manifest = JSON.stringify({ name: 'bench', version: '1.0.0', dependencies: DEPENDENCIES });
  const commands = [
    `echo '${manifest}' >package.json`,
    // A project has its lock file: made once, and kept with the rest.
    'mkdir -p lock; [ -e lock/package-lock.json ] || { npm install --package-lock-only --no-audit --no-fund && cp package-lock.json lock/; }; cp lock/package-lock.json .',
    'start=$(date +%s%N); npm ci --no-audit --no-fund --prefer-offline; export TOOK=$((($(date +%s%N) - start) / 1000000))',
  ];
  const spec = {
    ...{ version: 0.2, env: { 'exported-variables': ['TOOK'] } },
    ...{ phases: { build: { commands } }, cache: { paths: ['/root/.npm/**/*', 'lock/**/*'] } },
  };
  await makeProject(server, role, 'bench', {
    source: { type: 'NO_SOURCE', buildspec: JSON.stringify(spec) },
    cache: { type: 'LOCAL', modes: ['LOCAL_CUSTOM_CACHE'] },
  });
  const [without, cached]: [Took[], Took[]] = [[], []];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      await codebuild.send(new InvalidateProjectCacheCommand({ projectName: 'bench' }));
      without.push(await took(server));
      cached.push(await took(server));
    }
  } finally {
    await server.stop();
  }
  const of = (all: Took[], what: keyof Took) => median(all.map((each) => each[what])) / 1000;
  const words = (all: Took[]) =>
    `${of(all, 'build').toFixed(1)} s (${of(all, 'npm').toFixed(1)} s of it npm ci)`;
  return [
    `npm ci: a build without a cache ${words(without)}, with one ${words(cached)}, ratio ${(of(cached, 'build') / of(without, 'build')).toFixed(2)}`,
  ];
}

interface Took {
  /** Milliseconds, from StartBuild to the end. */
  build: number;
  npm: number;
}

async function took(server: TestServer): Promise<Took> {
  const codebuild = new CodeBuildClient(server.client);
  const { build } = await codebuild.send(new StartBuildCommand({ projectName: 'bench' }));
  for (;;) {
    const get = new BatchGetBuildsCommand({ ids: [build?.id ?? ''] });
    const [found] = (await codebuild.send(get)).builds ?? [];
    if (found?.buildComplete) {
      if (found.buildStatus !== 'SUCCEEDED')
        throw new Error(`The build is ${found.buildStatus}: ${JSON.stringify(found.phases)}`);
      const [exported] = found.exportedEnvironmentVariables ?? [];
      const build = Number(found.endTime) - Number(found.startTime);
      return { build, npm: Number(exported?.value) };
    }
    await sleep(100);
  }
}
