import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { CodeCommitClient, ListRepositoriesCommand } from '@aws-sdk/client-codecommit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { notHere } from './run.ts';
import { startServer, type TestServer } from './server.ts';

/** Bodies whose sender has not proved who he is. */

const MIB = 1024 * 1024;
const CONNECTIONS = 40;
const noProc = existsSync('/proc/self/status') ? false : notHere('/proc');

let server: TestServer;
let idle = 0;
beforeAll(async () => {
  server = await startServer();
  idle = peak();
}, 60_000);
afterAll(() => server?.stop());

/** The most memory that the server has had so far, in MiB. */
function peak(): number {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}

/**
 * One request with the root's key id, a signature that is none and a body of `size` bytes. It goes on sending
 * after the answer, as a sender may. @param chunk bytes of its chunks, where it has such @returns the status line
 */
function attack(target: string, size: number, chunk: number | undefined): Promise<string> {
  const { hostname, port } = new URL(server.endpoint);
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const service = target.split('_')[0]?.toLowerCase();
  const scope = `${server.accessKeyId}/${date.slice(0, 8)}/us-east-1/${service}/aws4_request`;
  const head = [
    'POST / HTTP/1.1',
    `Host: ${hostname}:${port}`,
    `X-Amz-Target: ${target}`,
    `X-Amz-Date: ${date}`,
    `Authorization: AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date;x-amz-target, Signature=${'0'.repeat(64)}`,
    chunk ? 'Transfer-Encoding: chunked' : `Content-Length: ${size}`,
    'Connection: close',
  ];
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (bytes) => {
      answer += bytes;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer.split('\r\n')[0] ?? ''));
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    const piece = framed(Math.min(size, MIB), chunk);
    let left = size;
    const more = () => {
      while (left > 0) {
        left -= MIB;
        if (!socket.write(piece)) return;
      }
      if (chunk) socket.write('0\r\n\r\n');
      socket.removeListener('drain', more);
    };
    socket.on('drain', more);
    more();
  });
}

/** So many bytes as they go over the wire. */
function framed(bytes: number, chunk: number | undefined): Buffer {
  if (!chunk) return Buffer.alloc(bytes, ' ');
  return Buffer.from(`${chunk.toString(16)}\r\n${' '.repeat(chunk)}\r\n`.repeat(bytes / chunk));
}

describe.skipIf(noProc)(
  'what 40 connections without a right signature send does not fill the memory',
  () => {
    test.each([
      ['60 MB each, which no API takes', 'CodeBuild_20161006.ListProjects', 60, undefined, /413/],
      [
        '30 MB each, which one takes',
        'CodeCommit_20150413.ListRepositories',
        30,
        undefined,
        /400|503/,
      ],
      ['30 MB each, without saying so', 'CodeCommit_20150413.ListRepositories', 30, MIB, /400|503/],
      ['32 KB each in chunks of one byte', 'CodeBuild_20161006.ListProjects', 1 / 32, 1, /400|503/],
    ])(
      '%s',
      async (_what, target, size, chunk, expected) => {
        const attacks = Array.from({ length: CONNECTIONS }, () =>
          attack(target, size * MIB, chunk),
        );
        // Meanwhile, an ordinary call is served.
        const { repositories } = await new CodeCommitClient(server.client).send(
          new ListRepositoriesCommand({}),
        );
        expect(repositories).toEqual([]);
        for (const line of await Promise.all(attacks)) expect(line).toMatch(expected);
        // The room itself, once more as garbage, and what sockets hold.
        expect(peak() - idle).toBeLessThan(320);
      },
      120_000,
    );
  },
);
