import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import {
  type FakeCloud,
  freshServer,
  type TestServer,
  type temporaryDirectory,
} from './testing.ts';

const spec = (commands: string[], env: object = {}) =>
  JSON.stringify({ version: 0.2, env, phases: { build: { commands } } });

eachDialect('the environment of a build', (makeDatabase) => {
  let cloud: FakeCloud;
  let server: TestServer;
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(async () => {
    ({ cloud, directory, server } = await freshServer(makeDatabase));
  });
  afterEach(async () => {
    await server.stop();
    directory.clean();
  });

  test('CB-A8: a parameter is read by its version or its label too', async () => {
    cloud.parameters.set('/app/level', 'now').set('/app/level:3', 'three').set('name:prod', 'made');
    const build = await server.run(
      spec(['[ "$A.$B.$C" = now.three.made ]'], {
        'parameter-store': { A: '/app/level', B: '/app/level:3' },
      }),
      {},
      {
        environmentVariablesOverride: [{ name: 'C', value: 'name:prod', type: 'PARAMETER_STORE' }],
      },
    );
    expect(build.buildStatus).toBe('SUCCEEDED');
  });

  test.each([
    ['parameter-store', 'Decrypted Variables Error', 'parameter does not exist: none:3'],
    ['secrets-manager', 'Secrets Manager Error', expect.stringContaining('ResourceNotFound')],
  ])('what %s does not have ends the build in %s', async (kind, statusCode, message) => {
    cloud.parameters.set('none', 'but another version');
    const build = await server.run(spec(['true'], { [kind]: { A: 'none:3' } }));
    expect(build.phases?.find(({ phaseStatus }) => phaseStatus === 'FAILED')).toMatchObject({
      phaseType: 'DOWNLOAD_SOURCE',
      contexts: [{ statusCode, message }],
    });
  });

  test("has the authors' region and keys, its own address, and says what it cannot have", async () => {
    const build = await server.run(
      spec(
        [
          'echo "is $AWS_REGION $AWS_DEFAULT_REGION $MINE $AWS_SESSION_TOKEN. $CODEBUILD_BUILD_URL"',
        ],
        {
          variables: {
            AWS_REGION: 'us-west-2',
            'my.var': '1',
            AWS_ACCESS_KEY_ID: 'x',
            AWS_SECRET_ACCESS_KEY: 'y',
            MINE: 'ok',
          },
          'exported-variables': ['AWS_REGION'],
        },
      ),
    );
    const { id } = build;
    expect(cloud.text).toContain(
      `is us-west-2 eu-west-1 ok . http://127.0.0.1:4566/_slipway/console/codebuild/home?region=eu-west-1#/builds/${id}/view/new\n`,
    );
    expect(cloud.text).toContain('Skipping invalid environment variable name my.var\n');
    expect(cloud.text).toContain('Skipping exported variable AWS_REGION');
  });

  test('has what the server was told to hand on, certificates as files of its own', async () => {
    const ca = join(directory.path, 'ca.pem');
    writeFileSync(ca, 'a certificate');
    server.platform.config.buildEnvironment = { HTTPS_PROXY: 'http://proxy', SSL_CERT_FILE: ca };
    await server.run(
      spec(['echo "$HTTPS_PROXY $no_proxy $(cat "$SSL_CERT_FILE") $SSL_CERT_FILE"']),
    );
    expect(cloud.text).toMatch(
      /\nhttp:\/\/proxy localhost,127\.0\.0\.1 a certificate \/.*\/slipway\/ssl-cert-file\.pem\n/,
    );
  });

  test('CB-J7: one that does not reach the server, which listens on its machine alone, is told so', async () => {
    const apart = 'network of its own, from which the server is not reached';
    const { config, executors } = server.platform;
    executors.endpointFor = async () => 'http://host.docker.internal:4566';
    config.host = '0.0.0.0';
    await server.run(spec(['echo "$AWS_ENDPOINT_URL"']));
    expect(cloud.text).toContain('\nhttp://host.docker.internal:4566\n');
    expect(cloud.text).not.toContain(apart);
    config.host = '127.0.0.1';
    await server.run(spec(['true']), { name: 'other' });
    expect(cloud.text).toContain(apart);
  });
});
