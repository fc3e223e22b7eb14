import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serverCertificate } from '../src/lib/certificates.ts';
import { knowsEndpointVariable, noAws } from './aws.ts';
import { run, succeed } from './run.ts';
import { startServer, type TestServer } from './server.ts';

const slipway = join(import.meta.dirname, '..', 'bin', 'slipway');

describe('slipway env', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(async () => {
    await server?.stop();
  });

  it('prints what a shell evaluates and programs parse', async () => {
    const text = await succeed(slipway, ['env', '--data', server.dataDir]);
    const wanted = {
      endpoint: server.endpoint,
      key: server.accessKeyId,
      secret: server.secretAccessKey,
    };
    const script = `${text}\nprintf '%s\\n' "$AWS_ENDPOINT_URL" "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" "$AWS_REGION" "$AWS_CA_BUNDLE"`;
    const [endpoint, key, secret, region, ca = ''] = (
      await succeed('sh', ['-eu', '-c', script])
    ).split('\n');
    expect({ endpoint, key, secret }).toEqual(wanted);
    expect(region).toBe('us-east-1');
    expect(existsSync(ca)).toBe(true);
    const json = JSON.parse(await succeed(slipway, ['env', '--json', '--data', server.dataDir]));
    expect(json).toMatchObject({
      AWS_ENDPOINT_URL: endpoint,
      AWS_DEFAULT_REGION: region,
      AWS_CA_BUNDLE: ca,
      AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
    });
  });

  it('names no CA when the server was given a certificate of another', async () => {
    const given = mkdtempSync(join(tmpdir(), 'slipway-given-'));
    const { cert, key } = serverCertificate(given, ['localhost']);
    const files = { 'tls-cert': join(given, 'cert.pem'), 'tls-key': join(given, 'key.pem') };
    writeFileSync(files['tls-cert'], cert);
    writeFileSync(files['tls-key'], key);
    const flags = Object.entries(files).flatMap(([name, file]) => [`--${name}`, file]);
    const other = await startServer({ flags });
    try {
      // Its own CA signs deployment specifications.
      expect((await fetch(`${other.endpoint}/_slipway/ca.pem`)).status).toBe(200);
      const text = await succeed(slipway, ['env', '--json', '--data', other.dataDir]);
      expect(Object.keys(JSON.parse(text))).not.toContain('AWS_CA_BUNDLE');
    } finally {
      await other.stop();
      rmSync(given, { recursive: true });
    }
  });

  it.each([
    'localhost',
    'git-codecommit.us-east-1.amazonaws.com',
    'codedeploy-commands.eu-west-1.amazonaws.com',
    'codebuild.ap-southeast-2.amazonaws.com',
    'bucket.s3.eu-central-1.amazonaws.com',
    's3.amazonaws.com',
  ])(
    'the CA is there when the server is ready, and its certificate is good for %s',
    async (name) => {
      const ca = readFileSync(join(server.dataDir, 'ca.pem'));
      const { port } = new URL(server.endpoint);
      const socket = connect({ host: '127.0.0.1', port: Number(port), servername: name, ca });
      await new Promise((resolve, reject) => {
        socket.once('secureConnect', resolve);
        socket.once('error', reject);
      });
      expect(socket.authorized).toBe(true);
      socket.destroy();
    },
  );

  it('warns about a variable in whose place git would not read the line that is printed', async () => {
    const env = { ...process.env, GIT_SSL_CAINFO: '/etc/ssl/own.pem' };
    const { stderr, code } = await run(slipway, ['env', '--data', server.dataDir], { env });
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('GIT_SSL_CAINFO is /etc/ssl/own.pem'),
    ]);
    const { GIT_SSL_CAINFO: _, ...without } = env;
    const quiet = await run(slipway, ['env', '--data', server.dataDir], { env: without });
    expect(quiet.stderr).not.toContain('GIT_SSL_CAINFO');
  });

  it.each([
    ['aws-cli/2.9.19 Python/3.11.2', true],
    ['aws-cli/1.27.0 Python/3.9.0', true],
    ['aws-cli/2.13.0 Python/3.11.2', false],
    ['aws-cli/1.45.11 Python/3.11.7', false],
  ])('warns about an aws that would not read the endpoint: %s', async (version, warned) => {
    const directory = mkdtempSync(join(tmpdir(), 'slipway-aws-'));
    try {
      writeFileSync(join(directory, 'aws'), `#!/bin/sh\necho '${version}'\n`);
      chmodSync(join(directory, 'aws'), 0o755);
      const env = { ...process.env, PATH: `${directory}:${process.env.PATH}` };
      const { stderr, code } = await run(slipway, ['env', '--data', server.dataDir], { env });
      expect(code).toBe(0);
      const alias = `alias aws='aws --endpoint-url ${server.endpoint}'`;
      expect(stderr.includes(alias)).toBe(warned);
      const profile = await run(slipway, ['env', '--profile', '--data', server.dataDir], { env });
      expect([profile.code, profile.stderr]).toEqual([0, stderr]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('prints a profile with which aws reaches the server without its environment', async () => {
    const text = await succeed(slipway, ['env', '--profile', '--data', server.dataDir]);
    expect(text).toContain(`endpoint_url = ${server.endpoint}\n`);
    expect(text).toMatch(/^# .* twice\.\n\[profile slipway\]\n/);
    if (noAws || !knowsEndpointVariable) return;
    const directory = mkdtempSync(join(tmpdir(), 'slipway-profile-'));
    try {
      const file = join(directory, 'config');
      writeFileSync(file, text);
      const env = { PATH: process.env.PATH, HOME: directory, AWS_CONFIG_FILE: file };
      const args = ['--profile', 'slipway', '--output', 'json', 'sts', 'get-caller-identity'];
      const { Account } = JSON.parse(await succeed('aws', args, { env }));
      expect(Account).toBe(server.accountId);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('gives the profile of a further account a name of its own', async () => {
    const account = ['--account', '222222222222', '--data', server.dataDir];
    await succeed(slipway, ['account', 'create', ...account]);
    const profiles = [
      await succeed(slipway, ['env', '--profile', '--data', server.dataDir]),
      await succeed(slipway, ['env', '--profile', ...account]),
    ];
    const names = profiles.map((text) => /^\[profile (.+)\]$/m.exec(text)?.[1]);
    expect(names).toEqual(['slipway', 'slipway-222222222222']);
    if (noAws || !knowsEndpointVariable) return;
    const directory = mkdtempSync(join(tmpdir(), 'slipway-profiles-'));
    try {
      const file = join(directory, 'config');
      writeFileSync(file, profiles.join(''));
      const env = { PATH: process.env.PATH, HOME: directory, AWS_CONFIG_FILE: file };
      const args = ['--profile', names[1] ?? '', '--output', 'json', 'sts', 'get-caller-identity'];
      expect(JSON.parse(await succeed('aws', args, { env })).Account).toBe('222222222222');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('says how git trusts the server over https, and this server alone', async () => {
    const text = await succeed(slipway, ['env', '--data', server.dataDir]);
    const command = /^# git over https: (git config --global .+)$/m.exec(text)?.[1] ?? '';
    const directory = mkdtempSync(join(tmpdir(), 'slipway-git-'));
    try {
      const env = { ...server.env, GIT_CONFIG_GLOBAL: join(directory, 'gitconfig') };
      const url = `${server.endpoint.replace('http:', 'https:')}/v1/repos/none`;
      const before = await run('git', ['ls-remote', url], { env });
      expect(before.stderr).toContain('certificate');
      await succeed('sh', ['-euc', command], { env });
      const after = await run('git', ['ls-remote', url], { env });
      expect(after.stderr).not.toContain('certificate');
      expect(after.stderr).toContain('could not read Username');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('says what to do where the server is stopped', async () => {
    const stopped = await startServer({ dataDir: mkdtempSync(join(tmpdir(), 'slipway-stopped-')) });
    try {
      await stopped.stop();
      const sentence = `start it with "slipway up --data ${stopped.dataDir}"`;
      for (const [command, ...flags] of [['env'], ['env', '--profile'], ['status']]) {
        const args = [command ?? '', ...flags, '--data', stopped.dataDir];
        expect((await run(slipway, args)).stderr).toContain(sentence);
      }
    } finally {
      rmSync(stopped.dataDir, { recursive: true });
    }
  });

  it('ends with 1 where no server has run, and with 2 for wrong usage', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'slipway-env-'));
    try {
      expect(await run(slipway, ['env', '--data', empty])).toMatchObject({ code: 1, stdout: '' });
      expect(await run(slipway, ['env', '--nonsense'])).toMatchObject({ code: 2, stdout: '' });
    } finally {
      rmSync(empty, { recursive: true });
    }
  });
});

it('slipway --version says the package’s', async () => {
  const { version } = JSON.parse(readFileSync(join(slipway, '../../package.json'), 'utf8'));
  expect(await succeed(slipway, ['--version'])).toBe(`slipway ${version}\n`);
});
