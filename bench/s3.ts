import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { startServer, type TestServer } from '../conformance/server.ts';
import { load } from './load.ts';
import { jsonCall, signerOf } from './signed.ts';
import { transfer } from './transfer.ts';

const MEGABYTE = 1024 * 1024;
const BIG_BYTES = 256 * MEGABYTE;
const ROUNDS = 3;
const SMALL_BYTES = 1024;
const SMALL_PUTS = 6000;
const CLIENTS = 8;
const BUCKET = 'bench';

interface Target {
  port: number;
  sign: ReturnType<typeof signerOf>;
}

/** Large and small objects beside a bare server, and other calls while a large one comes in. */
export async function benchS3(): Promise<string[]> {
  const server = await startServer();
  const bare = await startBare();
  await new S3Client({ ...server.client, forcePathStyle: true }).send(
    new CreateBucketCommand({ Bucket: BUCKET }),
  );
  const sign = signerOf(server, 's3');
  const targets = {
    bare: { port: bare.port, sign },
    slipway: { port: Number(new URL(server.endpoint).port), sign },
  };
  const body = bigBody();
  const lines = [
    ...(await compareBig('PUT', targets, 1.0, (target) => putBig(target, body))),
    ...(await compareBig('GET', targets, 0.5, getBig)),
    await othersWhilePutting(server, targets.slipway, body),
    ...(await compareSmall(targets)),
  ];
  bare.child.kill();
  await server.stop();
  return lines;
}

interface Body {
  bytes: Buffer;
  /** Hex; computed once, so that no measured time is the client's. */
  sha256: string;
}

function bigBody(): Body {
  const megabyte = randomBytes(MEGABYTE);
  const bytes = Buffer.concat(Array.from({ length: BIG_BYTES / MEGABYTE }, () => megabyte));
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

async function startBare(): Promise<{ port: number; child: ChildProcess }> {
  const args = [...process.execArgv, 'bench/bare-store.ts', `${BIG_BYTES}`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  return { port: Number(line), child };
}

async function putBig({ port, sign }: Target, body: Body): Promise<number> {
  const announced = { sha256: body.sha256, length: body.bytes.length };
  const head = await sign({ method: 'PUT', path: `/${BUCKET}/big`, announced });
  return (await transfer(port, head, body.bytes)).seconds;
}

async function getBig({ port, sign }: Target): Promise<number> {
  const { seconds, bytes } = await transfer(
    port,
    await sign({ method: 'GET', path: `/${BUCKET}/big` }),
  );
  if (bytes !== BIG_BYTES) throw new Error(`${bytes} bytes came.`);
  return seconds;
}

/** The best of some rounds each, one after the other. */
async function compareBig(
  what: string,
  targets: Record<'bare' | 'slipway', Target>,
  aim: number,
  work: (target: Target) => Promise<number>,
): Promise<string[]> {
  let bare = Infinity;
  let slipway = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    bare = Math.min(bare, await work(targets.bare));
    slipway = Math.min(slipway, await work(targets.slipway));
  }
  return [
    `${what} of 256 MB: ${slipway.toFixed(2)} s, a bare server ${bare.toFixed(2)} s, ratio ${(bare / slipway).toFixed(2)} (aim ${aim.toFixed(1)})`,
  ];
}

async function othersWhilePutting(server: TestServer, target: Target, body: Body): Promise<string> {
  const request = await signerOf(server, 'logs')(jsonCall('Logs_20140328.DescribeLogGroups', {}));
  const alone = await load(target.port, request, 1, 3000);
  let putting = true;
  const puts = (async () => {
    while (putting) await putBig(target, body);
  })();
  const { p99, failures } = await load(target.port, request, 1, 6000);
  putting = false;
  await puts;
  if (failures > 0) throw new Error(`${failures} calls failed`);
  return `other calls while 256 MB come in: p99 ${p99.toFixed(1)} ms (aim 20), alone ${alone.p99.toFixed(1)} ms`;
}

async function compareSmall(targets: Record<'bare' | 'slipway', Target>): Promise<string[]> {
  const body = 'x'.repeat(SMALL_BYTES);
  const rates: Record<string, number> = {};
  for (const [name, { port, sign }] of Object.entries(targets)) {
    const requests: string[] = [];
    for (let n = 0; n < SMALL_PUTS; n += 1)
      requests.push(await sign({ method: 'PUT', path: `/${BUCKET}/${name}/${n}`, body }));
    let sent = 0;
    const next = () => requests[sent++ % SMALL_PUTS] as string;
    await load(port, next, CLIENTS, 1000);
    const { perSecond, failures } = await load(port, next, CLIENTS, 3000);
    if (failures > 0) throw new Error(`${failures} puts failed`);
    rates[name] = perSecond;
  }
  const { bare = 0, slipway = 0 } = rates;
  return [
    `PUTs of 1 KB, ${CLIENTS} clients: ${Math.round(slipway)}/s (aim 1500), a bare server ${Math.round(bare)}/s, ratio ${(slipway / bare).toFixed(2)}`,
  ];
}
