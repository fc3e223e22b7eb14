import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as codebuild from '@aws-sdk/client-codebuild';
import * as ecr from '@aws-sdk/client-ecr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ImageRegistry, makeImageRegistry } from '../../../testing/image-registry.ts';
import { ecrBuildAndPublish } from './ecr-build.ts';
import { examples } from './examples/testing.ts';
import { bench } from './testing.ts';

const run = promisify(execFile);
const PASSWORD = 'a$(touch /tmp/never)"b';
const noDocker = dockerMissing();

if (noDocker && process.env.SLIPWAY_TEST_ALL)
  throw new Error('There is no Docker Engine, and SLIPWAY_TEST_ALL asks for every test');

function dockerMissing(): boolean {
  try {
    execFileSync('docker', ['version'], { stdio: 'ignore', timeout: 10_000 });
    return false;
  } catch {
    return true;
  }
}

/** What the build of the action does, by a real Docker Engine and with a registry: its commands in a shell, as a build has them. */
describe.skipIf(noDocker)(
  `ECRBuildAndPublish against a registry${noDocker ? ' (skipped: no Docker Engine)' : ''}`,
  { timeout: 60_000 },
  () => {
    let registry: ImageRegistry;
    let directory: string;

    beforeAll(async () => {
      registry = await makeImageRegistry(PASSWORD);
      directory = mkdtempSync(join(tmpdir(), 'slipway-image-'));
      writeFileSync(join(directory, 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /\n');
      writeFileSync(join(directory, 'other file'), 'FROM scratch\nCOPY ["other file", "/"]\n');
    });
    afterAll(async () => {
      const built = [...registry.images.keys()].map((name) => `${registry.host}/${name}`);
      await run('docker', ['image', 'rm', '--force', 'slipway-image', ...built]).catch(() => {});
      rmSync(directory, { recursive: true, force: true });
      await registry?.close();
    });

    /** @returns what the build exports */
    async function build(configuration: Record<string, string>, password = PASSWORD) {
      const example = examples['Build/ECRBuildAndPublish'];
      const aws = await bench([codebuild, ecr], {
        ...example?.answers?.(),
        DescribeRepositories: () => ({ repositories: [{ repositoryUri: `${registry.host}/web` }] }),
        GetAuthorizationToken: () => ({
          authorizationData: [
            {
              authorizationToken: Buffer.from(`AWS:${password}`).toString('base64'),
              proxyEndpoint: `http://${registry.host}`,
            },
          ],
        }),
      });
      try {
        const given = { configuration: { ECRRepositoryName: 'web', ...configuration } };
        const job = aws.job(ecrBuildAndPublish, { ...given, inputs: { App: { a: '' } } });
        await ecrBuildAndPublish.start(job, new AbortController().signal);
      } finally {
        await aws.close();
      }
      const { input = {} } = aws.calls.find(({ operation }) => operation === 'StartBuild') ?? {};
      const { phases, env } = JSON.parse(String(input.buildspecOverride));
      const variables = input.environmentVariablesOverride as { name: string; value: string }[];
      const [exported] = env['exported-variables'];
      const script = [...phases.build.commands, `echo "digest $${exported}"`].join(' && ');
      const { stdout } = await run('/bin/sh', ['-c', script], {
        cwd: directory,
        env: {
          ...{ PATH: process.env.PATH, HOME: directory },
          ...Object.fromEntries(variables.map(({ name, value }) => [name, value])),
        },
      });
      return /^digest (.*)$/m.exec(stdout)?.[1];
    }

    it('CP-B8: builds the Dockerfile of a folder, pushes all tags, and exports the digest', async () => {
      const digest = await build({ ImageTags: 'latest, v1' });
      expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect([...registry.images]).toEqual([
        ['web:latest', digest],
        ['web:v1', digest],
      ]);
    });

    it('CP-B8: or a file by its name; another image has another digest', async () => {
      const digest = await build({ DockerFilePath: 'other file', ImageTags: 'other' });
      expect(digest).toBe(registry.images.get('web:other'));
      expect(digest).not.toBe(registry.images.get('web:v1'));
    });

    it('CP-B8: who may not push, or builds nothing, fails', async () => {
      await expect(build({}, 'wrong')).rejects.toThrow('401');
      await expect(build({ DockerFilePath: 'none' })).rejects.toThrow('none');
      expect(registry.images.has('web:none')).toBe(false);
    });
  },
);
