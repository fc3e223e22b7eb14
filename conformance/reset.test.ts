import { request } from 'node:https';
import { expect, test } from 'vitest';
import { startServer } from './server.ts';

const CA = '/_slipway/ca.pem';

/** What is answered over TLS to somebody who trusts this CA. */
function overTls(endpoint: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const url = new URL(CA, endpoint.replace('http:', 'https:'));
    request(url, { ca, agent: false }, async (response) => {
      resolve(Buffer.concat(await response.toArray()).toString());
    })
      .once('error', reject)
      .end();
  });
}

test('after a reset TLS is by the CA that the server has then', async () => {
  const server = await startServer({ flags: ['--auth', 'relaxed', '--data', ':memory:'] });
  try {
    const ca = async () => (await fetch(`${server.endpoint}${CA}`)).text();
    const before = await ca();
    expect(await overTls(server.endpoint, before)).toBe(before);
    expect((await fetch(`${server.endpoint}/_slipway/reset`, { method: 'POST' })).status).toBe(200);
    const after = await ca();
    expect(after).not.toBe(before);
    expect(await overTls(server.endpoint, after)).toBe(after);
    await expect(overTls(server.endpoint, before)).rejects.toThrow(/certificate/);
  } finally {
    await server.stop();
  }
});
