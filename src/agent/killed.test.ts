import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { certificateAuthority, signerCertificate } from '../lib/certificates.ts';
import type { CommandStatus } from '../lib/codedeploy-commands.ts';
import { signMessage } from '../lib/signed-message.ts';
import { makeZip } from '../lib/testing.ts';
import { runAgent } from './agent.ts';
import type { CommandsClient } from './commands-client.ts';
import { makeLayout } from './layout.ts';

/** To an agent all hooks are alike but those that have nothing to run. */
const EVENTS = ['ApplicationStop', 'DownloadBundle', 'Install', 'AfterInstall'];
const OPERATIONS = [
  ...(['pollHostCommand', 'getDeploymentSpecification'] as const),
  ...(['putHostCommandAcknowledgement', 'putHostCommandComplete'] as const),
];
const HOST = 'arn:aws:iam::000000000000:user/host';

const APPSPEC = `version: 0.0
os: linux
files: [{source: hook.sh, destination: /srv}]
hooks: {AfterInstall: [{location: hook.sh}]}
`;
/** Notes each run; where it is waited, it leaves no doubt about its processes. */
const HOOK = `#!/bin/sh
echo "$LIFECYCLE_EVENT" >> "$NOTES/ran"
[ "$LIFECYCLE_EVENT" = "$WAITS_IN" ] || exit 0
sleep 300 &
echo $$ $! > "$NOTES/pids.new"
mv "$NOTES/pids.new" "$NOTES/pids"
wait
`;

let directory: string;
let sign: (content: object) => string;
let anchors: string[];
let bundle: Buffer;
let s3: Server;
/** Names of the runs whose bundle does not come to its end, and who is told that it is being sent. */
const stalled = new Map<string, () => void>();

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-killed-'));
  const { privateKey: key } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const signer = { key, certificate: signerCertificate(directory, key) };
  sign = (content) => signMessage(JSON.stringify(content), signer);
  anchors = [certificateAuthority(directory).pem];
  bundle = await makeZip([
    { name: 'appspec.yml', content: APPSPEC },
    { name: 'hook.sh', content: HOOK, mode: 0o100755 },
  ]);
  s3 = createServer((request, response) => {
    response.writeHead(200, { etag: '"e"', 'content-length': bundle.length });
    const sending = stalled.get(request.url?.split('/')[1] ?? '');
    if (sending) response.write(bundle.subarray(0, 10), sending);
    else response.end(bundle);
  });
  s3.listen(0, '127.0.0.1');
  await once(s3, 'listening');
});
afterAll(() => {
  s3.closeAllConnections();
  s3.close();
  rmSync(directory, { recursive: true });
});

/** A deployment as its server knows it. */
function makeDeployment(name: string) {
  const events = EVENTS.map((event) => ({
    name: event,
    status: 'Pending' as CommandStatus,
    message: '',
  }));
  const find = (identifier?: string) => events.find((event) => event.name === identifier);
  const open = ({ status }: { status: CommandStatus }) =>
    status === 'Pending' || status === 'InProgress';
  const next = () => events.find((event) => event.status !== 'Succeeded');
  const isOver = () => next()?.status === 'Failed' || !next();
  const commandOf = (event: string) => ({
    ...{ HostCommandIdentifier: event, CommandName: event, HostIdentifier: HOST },
    DeploymentExecutionId: `CodeDeploy/us-east-1/prod/x:1/0:${name}`,
  });
  const client: CommandsClient = {
    async pollHostCommand() {
      const event = next();
      return event?.status === 'Pending' ? { HostCommand: commandOf(event.name) } : {};
    },
    async getDeploymentSpecification() {
      const invocationId = randomUUID();
      const { name: event = '', status } = next() ?? {};
      const { CommandName, HostCommandIdentifier } = commandOf(event);
      const Payload = sign({
        ...{ DeploymentId: 'd-AAAAAAAAA', DeploymentGroupId: 'group', DeploymentGroupName: 'g' },
        ...{ ApplicationName: 'web', HostIdentifier: HOST, InvocationId: invocationId },
        HostCommand: { CommandName, HostCommandIdentifier, CommandStatus: status },
        Revision: {
          RevisionType: 'S3',
          S3Revision: {
            ...{ Bucket: name, Key: 'k.zip', BundleType: 'zip', ETag: 'e' },
            ChecksumSHA256: createHash('sha256').update(bundle).digest('base64'),
            ContentLength: bundle.length,
          },
        },
      });
      const GenericEnvelope = { Format: 'PKCS7/JSON', Payload };
      return {
        ...{ invocationId, DeploymentSystem: 'CodeDeploy' },
        DeploymentSpecification: { GenericEnvelope },
      };
    },
    async putHostCommandAcknowledgement({ HostCommandIdentifier: id, Diagnostics }) {
      const event = find(id);
      if (!event) throw new Error(`no command ${id}`);
      if (event.status !== 'Pending') return { CommandStatus: event.status };
      const { IsCommandNoop } = JSON.parse(Diagnostics?.Payload ?? '');
      event.status = IsCommandNoop ? 'Succeeded' : 'InProgress';
      return { CommandStatus: event.status };
    },
    async putHostCommandComplete({ HostCommandIdentifier: id, CommandStatus, Diagnostics }) {
      const event = find(id);
      if (event && open(event) && CommandStatus) {
        event.status = CommandStatus;
        event.message = JSON.parse(Diagnostics?.Payload ?? '{}').message;
      }
      return {};
    },
  };
  return { events, next, isOver, client };
}

type Operation = (typeof OPERATIONS)[number];
interface Death {
  event: string;
  at: Operation | 'work';
  /** Whether the server still heard what the agent had to say. */
  heard?: boolean;
}

/**
 * A deployment to a host whose agent is killed once, and started again: in this process, where a dead agent is one whose
 * calls have no effect and no answer.
 */
async function run(name: string, { event, at, heard = false }: Death) {
  const notes = join(directory, name);
  mkdirSync(notes);
  const { events, next, isOver, client } = makeDeployment(name);
  const layout = makeLayout(join(notes, 'root'));
  const died = Promise.withResolvers<void>();
  const end = new AbortController();
  let dead = false;
  const die = () => {
    dead = true;
    died.resolve();
  };
  const calls = (mortal: boolean) =>
    Object.fromEntries(
      OPERATIONS.map((operation) => [
        operation,
        async (input: never) => {
          if (mortal && dead) await new Promise(() => {});
          const dies = mortal && at === operation && next()?.name === event;
          const answer = dies && !heard ? {} : await client[operation](input);
          if (dies) die();
          if (dies) await new Promise(() => {});
          if (isOver()) end.abort();
          return answer;
        },
      ]),
    ) as unknown as CommandsClient;
  const { port } = s3.address() as AddressInfo;
  const start = (mortal: boolean) =>
    runAgent({
      ...{ layout, client: calls(mortal), hostIdentifier: HOST, signal: end.signal },
      trust: { anchors: async () => anchors, remedy: '' },
      env: { PATH: process.env.PATH, NOTES: notes, ...(at === 'work' && { WAITS_IN: event }) },
      prefix: join(notes, 'files'),
      s3: {
        region: 'us-east-1',
        credentials: () => ({ accessKeyId: 'AKIA', secretAccessKey: 'secret' }),
        endpoint: `http://127.0.0.1:${port}`,
      },
      maxRevisions: 5,
      info: () => {},
      warn: () => {},
    });
  const pidsFile = join(notes, 'pids');
  if (at === 'work' && event === 'DownloadBundle') stalled.set(name, die);
  const first = start(true);
  if (at === 'work' && event !== 'DownloadBundle') {
    await expect.poll(() => existsSync(pidsFile), WAIT).toBe(true);
    die();
  }
  await Promise.race([died.promise, first]);
  await start(false);
  const ran = readFileSync(join(notes, 'ran'), { encoding: 'utf8', flag: 'a+' }).split('\n');
  const pids = existsSync(pidsFile) ? readFileSync(pidsFile, 'utf8').trim().split(' ') : [];
  return {
    ...{ died: dead, events, ran: ran.slice(0, -1), pids: pids.map(Number) },
    installed: existsSync(join(notes, 'files/srv/hook.sh')),
    noted: existsSync(layout.ongoing) ? readdirSync(layout.ongoing) : [],
  };
}

/** A child of a process that is gone may stay as a zombie until somebody takes it. */
function isAlive(pid: number): boolean {
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : ') Z';
  return !/\) [ZX]/.test(stat);
}

const WAIT = { timeout: 45_000 };
const both = (event: string, at: Operation) => [true, false].map((heard) => ({ event, at, heard }));
const deaths: Death[] = [
  // Before it has taken on anything, one event is as another.
  ...both('AfterInstall', 'pollHostCommand'),
  ...both('AfterInstall', 'getDeploymentSpecification'),
  ...EVENTS.flatMap((event) => both(event, 'putHostCommandAcknowledgement')),
  ...['DownloadBundle', 'AfterInstall'].map((event) => ({ event, at: 'work' as const })),
  // There is nothing to stop, so that is over with its acknowledgement.
  ...EVENTS.slice(1).flatMap((event) => both(event, 'putHostCommandComplete')),
];

test('CD-AGT-13: an agent that is killed in whatever event and wherever in it: the deployment ends, no script runs twice, none goes on', async () => {
  await Promise.all(
    deaths.map(async (death, index) => {
      const { events, ran, noted, ...found } = await run(`run-${index}`, death);
      const { event, at, heard } = death;
      const what = `${event}, ${at}, ${heard ? 'heard' : 'not heard'}`;
      expect(found.died, what).toBe(true);
      expect(noted, what).toEqual([]);
      expect(ran, what).toEqual([...new Set(ran)]);
      for (const pid of found.pids)
        await expect.poll(() => isAlive(pid), { ...WAIT, message: what }).toBe(false);
      const failed = events.find(({ status }) => status !== 'Succeeded');
      // What the agent had not taken on yet is offered again; what the server has heard of counts.
      const lost =
        at === 'work' ||
        (at === 'putHostCommandAcknowledgement' && (!heard || event !== 'ApplicationStop')) ||
        (at === 'putHostCommandComplete' && !heard);
      expect(failed?.name, what).toBe(lost ? event : undefined);
      if (lost)
        expect(failed).toMatchObject({
          status: 'Failed',
          message: expect.stringContaining('after an agent restart'),
        });
      else expect(found.installed, what).toBe(true);
    }),
  );
}, 120_000);
