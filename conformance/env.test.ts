import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serverCertificate } from '../src/lib/certificates.ts';
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
