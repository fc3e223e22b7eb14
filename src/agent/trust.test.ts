import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { certificateAuthority, serverCertificate } from '../lib/certificates.ts';
import { answerByteByByte, answerWithoutEnd, temporaryDirectory } from './testing.ts';
import { makeServerTrust } from './trust.ts';

const makeCa = () => certificateAuthority(temporaryDirectory()).pem;

/** Something that names a CA, and may be made to name another. */
async function startServer() {
  let ca: string | undefined = makeCa();
  const server = createServer((request, response) => {
    const found = request.url === '/_slipway/ca.pem' ? ca : undefined;
    response.writeHead(found ? 200 : 404).end(found);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: () => ca,
    become(other: string | undefined) {
      ca = other;
    },
  };
}

const options = (endpoint: string, pinFile: string) => ({
  endpoint,
  pinFile,
  registration: 'arn AKIA1',
  info: () => {},
});

test('the CA of the first contact is trusted from then on, also by the next agent', async () => {
  const server = await startServer();
  const pinFile = join(temporaryDirectory(), 'trusted-ca.json');
  const first = server.ca();
  expect(await makeServerTrust(options(server.endpoint, pinFile)).anchors()).toEqual([first]);
  server.become(makeCa());
  const again = makeServerTrust(options(server.endpoint, pinFile));
  expect(await again.anchors()).toEqual([first]);
});

test('a host that is registered anew trusts the server that it finds then', async () => {
  const server = await startServer();
  const pinFile = join(temporaryDirectory(), 'trusted-ca.json');
  await makeServerTrust(options(server.endpoint, pinFile)).anchors();
  server.become(makeCa());
  const registration = 'arn AKIA2';
  const trust = makeServerTrust({ ...options(server.endpoint, pinFile), registration });
  expect(await trust.anchors()).toEqual([server.ca()]);
});

test('over plain HTTP the CA that was given is trusted alone', async () => {
  const server = await startServer();
  const pinFile = join(temporaryDirectory(), 'trusted-ca.json');
  const given = makeCa();
  const trust = makeServerTrust({ ...options(server.endpoint, pinFile), given });
  expect(await trust.anchors()).toEqual([given]);
  expect(existsSync(pinFile)).toBe(false);
});

test('a server that names no CA is asked again the next time', async () => {
  const server = await startServer();
  const pinFile = join(temporaryDirectory(), 'trusted-ca.json');
  const named = server.ca();
  server.become(undefined);
  const trust = makeServerTrust(options(server.endpoint, pinFile));
  await expect(trust.anchors()).rejects.toThrow('has not named a CA');
  server.become(named);
  expect(await trust.anchors()).toEqual([named]);
});

test('a server that names a CA without an end is no longer listened to, nor one that never gets there', async () => {
  let answer: (response: ServerResponse) => unknown = (response) => answerWithoutEnd(response);
  const server = createServer((_, response) => void answer(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pinFile = join(temporaryDirectory(), 'trusted-ca.json');
  const trust = makeServerTrust({ ...options(endpoint, pinFile), longestMs: 500 });
  await expect(trust.anchors()).rejects.toThrow('is longer than');
  answer = answerByteByByte;
  await expect(trust.anchors()).rejects.toThrow('did not answer in time');
  expect(existsSync(pinFile)).toBe(false);
});

test('a pin that cannot be read is no reason to trust anybody', async () => {
  const server = await startServer();
  const pinFile = join(temporaryDirectory(), 'trusted-ca.json');
  writeFileSync(pinFile, '{');
  const trust = makeServerTrust(options(server.endpoint, pinFile));
  await expect(trust.anchors()).rejects.toThrow('trusted-ca.json cannot be read');
});

test('says how to trust a server: by its CA, or by forgetting the one before', async () => {
  const server = await startServer();
  const pinFile = join(temporaryDirectory(), 'trusted-ca.json');
  const trust = (given?: string) =>
    makeServerTrust({ ...options(server.endpoint, pinFile), ...(given && { given }) });
  expect(trust().remedy).toContain(`remove ${pinFile}`);
  expect(trust(makeCa()).remedy).toContain('by --ca');
});

test('a server over TLS with a certificate of an unknown CA: --ca gives it', async () => {
  const { cert, key } = serverCertificate(temporaryDirectory(), ['localhost']);
  const server = createTlsServer({ cert, key }, (_, response) => void response.end(makeCa()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const endpoint = `https://localhost:${(server.address() as AddressInfo).port}`;
  const trust = makeServerTrust(options(endpoint, join(temporaryDirectory(), 'trusted-ca.json')));
  await expect(trust.anchors()).rejects.toThrow(
    /certificate.*: give the server's ca\.pem.* by --ca$/,
  );
});

test('over TLS that the given CA vouches for, the CA that the server names is trusted too', async () => {
  const corporate = temporaryDirectory();
  const { cert, key } = serverCertificate(corporate, ['localhost']);
  const own = makeCa();
  const server = createTlsServer({ cert, key }, (_, response) => void response.end(own));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const endpoint = `https://localhost:${(server.address() as AddressInfo).port}`;
  const pinFile = join(temporaryDirectory(), 'trusted-ca.json');
  const given = certificateAuthority(corporate).pem;
  const trusting = (pem: string) =>
    makeServerTrust({ ...options(endpoint, pinFile), given: pem, tlsCa: pem }).anchors();
  const another = makeCa();
  expect(await trusting(another)).toEqual([another]);
  expect(await trusting(given)).toEqual([given, own]);
});
