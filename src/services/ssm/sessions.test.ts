import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeSessionsCommand,
  GetConnectionStatusCommand,
  ResumeSessionCommand,
  SSMClient,
  StartSessionCommand,
  type StartSessionCommandInput,
  TerminateSessionCommand,
} from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import WebSocket from 'ws';
import { makeHttpServer } from '../../aws/http-server.ts';
import { embedded } from '../../db/testing.ts';
import { makeProcessExecutor } from '../../executors/process/process-executor.ts';
import { defineService } from '../../kit/service.ts';
import { decodeMessage, encodeMessage, FLAG, PAYLOAD } from '../../lib/agent-message.ts';
import { systemClock } from '../../lib/clock.ts';
import { openSession, type SessionAccess } from '../../lib/session-client.ts';
import { ACCOUNT, type World, world } from '../../testing.ts';
import service from './index.ts';

const ARN = `arn:aws:toy:eu-west-1:${ACCOUNT}:work/one`;

embedded('Session Manager', (makeDatabase) => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-sessions-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  let server: World<typeof systemClock>;
  let ssm: SSMClient;
  let port = 0;
  let work = '';
  const closing: (() => unknown)[] = [];

  /** `toy:one` of the first account is work that runs; `toy:gone` is there and cannot be connected to. */
  const targets = defineService({
    name: 'targets',
    apis: [],
    migrations: [],
    provides: {
      sessionTargets: {
        toy:
          async () =>
          async (_platform, { accountId }, id) => {
            if (accountId !== ACCOUNT) return undefined;
            if (id === 'gone') return { arn: ARN };
            const command = (line?: string) =>
              line === undefined
                ? ['/bin/sh', '-c', 'PS1="> "; export PS1; exec sh -i']
                : ['/bin/sh', '-c', line];
            return id === 'one' ? { arn: ARN, open: { work, command } } : undefined;
          },
      },
    },
  });

  beforeEach(async () => {
    const executor = makeProcessExecutor({
      ...{ stateDir: join(directory, 'work'), sandbox: 'off', hidden: [] },
      path: '/usr/local/bin:/usr/bin:/bin',
    });
    server = await world(makeDatabase, [service, targets], { clock: systemClock, executor });
    ssm = server.client(SSMClient);
    work = await executor.prepare({
      id: `work-${Date.now()}-${Math.random().toString(36).slice(2)}`,
      command: () => ['/bin/sh', '-c', 'exec sleep 600'],
      environment: {},
      labels: {},
    });
    await executor.start(work);
    await server.start();
    const { tcp } = makeHttpServer({
      handle: (request) => server.server.handle(request),
      ...server.server.routes,
      tls: () => Promise.reject(new Error('no TLS here')),
      failed: (error) => server.failures.push(error),
    });
    tcp.listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    port = (tcp.address() as AddressInfo).port;
    closing.push(() => tcp.close());
    const its = work;
    closing.push(() => executor.remove(its));
  });
  afterEach(async () => {
    expect(server.failures).toEqual([]);
    await server.stop();
    for (const close of closing.splice(0)) await close();
  });

  const here = (access: SessionAccess): SessionAccess => ({
    ...access,
    StreamUrl: access.StreamUrl?.replace(/^ws:\/\/[^/]+/, `ws://127.0.0.1:${port}`),
  });
  const start = async (input: Partial<StartSessionCommandInput> = {}) =>
    here(await ssm.send(new StartSessionCommand({ Target: 'toy:one', ...input })));

  /** A client that keeps what was printed. */
  function open(access: SessionAccess) {
    let said = '';
    let look = () => {};
    const session = openSession(access, {
      output(bytes) {
        said += bytes.toString('latin1');
        look();
      },
      size: { columns: 101, rows: 37 },
    });
    const until = (wanted: RegExp) =>
      new Promise<void>((resolve, reject) => {
        look = () => wanted.test(said) && resolve();
        look();
        setTimeout(
          () => reject(new Error(`late after ${JSON.stringify(said.slice(-300))}`)),
          15000,
        ).unref();
        session.closed.then(
          (reason) => reject(new Error(`closed ${reason} after ${said.slice(-300)}`)),
          reject,
        );
      });
    return { ...session, until, said: () => said };
  }

  it('CB-J10 is a shell at a terminal of the client’s size, until it ends', async () => {
    const access = await start({ Reason: 'to look' });
    expect(access.StreamUrl).toMatch(/\/v1\/data-channel\/root-0[0-9a-f]{16}\?role=/);
    expect(server.asked).toContain(`ssm:StartSession ${ARN}`);
    const session = open(access);
    session.type('stty size\r');
    await session.until(/37 101/);
    session.resize({ columns: 90, rows: 20 });
    // It is told by a program of its own, which may take its time.
    session.type('until stty size | grep "20 90"; do sleep 0.1; done; exit\r');
    expect(await session.closed).toBe('');
    expect(session.said()).toMatch(/^(> )*20 90/m);
  });

  it('runs a command in place of a shell', async () => {
    const DocumentName = 'AWS-StartInteractiveCommand';
    const session = open(
      await start({ DocumentName, Parameters: { command: ['echo $((6 * 7))'] } }),
    );
    await session.closed;
    expect(session.said()).toBe('42\r\n');
    expect(server.asked).toContain(
      `ssm:StartSession arn:aws:ssm:eu-west-1::document/${DocumentName}`,
    );
  });

  it.each([
    ['TargetNotConnected', { Target: 'toy:gone' }],
    ['TargetNotConnected', { Target: 'toy:none' }],
    ['TargetNotConnected', { Target: 'i-0123456789abcdef0' }],
    ['TargetNotConnected', { Target: '__proto__:one' }],
    ['InvalidDocument', { DocumentName: 'mine' }],
    ['NotImplemented', { DocumentName: 'AWS-StartSSHSession' }],
    ['ValidationException', { Parameters: { command: ['id'] } }],
    ['ValidationException', { DocumentName: 'AWS-StartInteractiveCommand' }],
  ])('refuses with %s: %o', async (name, input) => {
    await expect(start(input)).rejects.toMatchObject({ name });
  });

  it('is of one account, and asks IAM', async () => {
    const other = server.client(SSMClient, { accountId: '222222222222' });
    const Target = 'toy:one';
    await expect(other.send(new StartSessionCommand({ Target }))).rejects.toMatchObject({
      name: 'TargetNotConnected',
    });
    const { SessionId } = await start();
    await expect(other.send(new ResumeSessionCommand({ SessionId }))).rejects.toMatchObject({
      name: 'DoesNotExistException',
    });
    await other.send(new TerminateSessionCommand({ SessionId }));
    await ssm.send(new ResumeSessionCommand({ SessionId }));
    server.denied.add('ssm:StartSession');
    await expect(start()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('opens by its own token, once, and not as a page', async () => {
    const [one, two] = [await start(), await start()];
    await expect(open({ ...one, TokenValue: two.TokenValue }).closed).rejects.toThrow('no session');
    await expect(open({ ...one, TokenValue: '' }).closed).rejects.toThrow('no session');
    const session = open(one);
    session.type('echo in\r');
    await session.until(/^(> )*in\r$/m);
    await expect(open(one).closed).rejects.toThrow('no session');
    const page = await fetch((one.StreamUrl ?? '').replace(/^ws/, 'http'));
    expect(page.status).toBe(426);
    session.terminate();
    expect(await session.closed).toBe('');
    await expect(
      ssm.send(new ResumeSessionCommand({ SessionId: one.SessionId })),
    ).rejects.toMatchObject({ name: 'DoesNotExistException' });
  });

  it('goes on where it was for who comes back, and ends by TerminateSession', async () => {
    const access = await start();
    const first = open(access);
    first.type('x=kept; echo at work\r');
    await first.until(/^(> )*at work\r$/m);
    first.drop();
    const { SessionId } = access;
    const again = here(await ssm.send(new ResumeSessionCommand({ SessionId })));
    const socket = new WebSocket(again.StreamUrl ?? '');
    await once(socket, 'open');
    socket.send(JSON.stringify({ TokenValue: again.TokenValue }));
    const said: string[] = [];
    const ended = Promise.withResolvers<void>();
    const seen = Promise.withResolvers<void>();
    socket.on('message', (data: Buffer) => {
      const message = decodeMessage(data);
      if (message?.payloadType === PAYLOAD.output) said.push(message.payload.toString());
      if (/^(> )*kept\r$/m.test(said.join(''))) seen.resolve();
      if (message?.type === 'channel_closed') ended.resolve();
    });
    // Size, answer to the handshake, and what was typed came before.
    socket.send(input(3, 'echo $x\r'));
    await seen.promise;
    await ssm.send(new TerminateSessionCommand({ SessionId }));
    await ended.promise;
    socket.terminate();
  });

  const input = (sequence: number, text: string, payloadType: number = PAYLOAD.output) =>
    encodeMessage({
      ...{ type: 'input_stream_data', id: crypto.randomUUID(), createdAt: Date.now() },
      ...{ sequence, flags: FLAG.data, payloadType, payload: Buffer.from(text) },
    });

  it.each([
    ['no message', Buffer.from('hello')],
    ['an absurd header length', header((bytes) => bytes.writeUInt32BE(0xffffffff, 0))],
    ['an absurd payload length', header((bytes) => bytes.writeUInt32BE(0x7fffffff, 116))],
    ['another payload than was meant', header((bytes) => bytes.write('X', 120))],
    ['a sequence number below zero', header((bytes) => bytes.writeBigInt64BE(-1n, 48))],
    ['more than a message can be', Buffer.alloc(1024 * 1024)],
  ])('hangs up on %s', async (_what, bytes) => {
    const access = await start();
    const socket = new WebSocket(access.StreamUrl ?? '');
    await once(socket, 'open');
    socket.send(JSON.stringify({ TokenValue: access.TokenValue }));
    await once(socket, 'message');
    socket.send(bytes);
    await once(socket, 'close');
  });

  function header(change: (bytes: Buffer) => void): Buffer {
    const bytes = encodeMessage({
      ...{ type: 'input_stream_data', id: crypto.randomUUID(), createdAt: 0, sequence: 0 },
      ...{ flags: FLAG.syn, payloadType: PAYLOAD.output, payload: Buffer.from('id\r') },
    });
    change(bytes);
    return bytes;
  }

  it('keeps what a build prints apart from what the channel says, and sends no more than is taken', async () => {
    const forged = encodeMessage({
      ...{ type: 'channel_closed', id: crypto.randomUUID(), createdAt: 0, sequence: 0 },
      ...{ flags: FLAG.fin, payloadType: 0, payload: Buffer.from('{"Output":"forged"}') },
    });
    const escapes = [...forged].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
    const command = `stty raw; printf '${escapes}'; yes | head -c 20000000; printf '\\033[2J\\033]0;x\\007end'`;
    const DocumentName = 'AWS-StartInteractiveCommand';
    const session = open(await start({ DocumentName, Parameters: { command: [command] } }));
    expect(await session.closed).toBe('');
    expect(session.said()).toContain('{"Output":"forged"}');
    expect(session.said().endsWith('\x1b[2J\x1b]0;x\x07end')).toBe(true);
    expect(session.said().length).toBeGreaterThan(20_000_000);
  });

  it('has room for many', async () => {
    const sessions = await Promise.all(Array.from({ length: 30 }, () => start()));
    const all = sessions.map(open);
    for (const [number, session] of all.entries())
      session.type(`echo number ${number} $((1 + 1))\r`);
    await Promise.all(
      all.map((session, number) => session.until(new RegExp(`number ${number} 2`))),
    );
    for (const session of all) session.terminate();
    await Promise.all(all.map(({ closed }) => closed));
  });

  it('DescribeSessions tells of those that are open and of those that were; GetConnectionStatus of targets', async () => {
    const list = async (State: 'Active' | 'History', more: object = {}) =>
      (await ssm.send(new DescribeSessionsCommand({ State, ...more }))).Sessions ?? [];
    const access = await start({ Reason: 'to look' });
    const session = open(access);
    session.type('echo in\r');
    await session.until(/^(> )*in\r$/m);
    const { SessionId = '' } = access;
    const [active] = await list('Active');
    expect(active).toMatchObject({
      ...{ SessionId, Target: 'toy:one', Status: 'Connected', Reason: 'to look' },
      ...{ DocumentName: 'SSM-SessionManagerRunShell', AccessType: 'Standard' },
      ...{ Owner: `arn:aws:iam::${ACCOUNT}:root`, StartDate: expect.any(Date) },
    });
    expect(active?.EndDate).toBeUndefined();
    expect(await list('History')).toEqual([]);
    const Filters = [{ key: 'Target', value: 'toy:two' }] as const;
    expect(await list('Active', { Filters })).toEqual([]);
    const other = server.client(SSMClient, { accountId: '222222222222' });
    const theirs = await other.send(new DescribeSessionsCommand({ State: 'Active' }));
    expect(theirs.Sessions).toEqual([]);
    session.terminate();
    await session.closed;
    await expect.poll(() => list('Active')).toEqual([]);
    expect(await list('History', { Filters: [{ key: 'SessionId', value: SessionId }] })).toEqual([
      expect.objectContaining({ SessionId, Status: 'Terminated', EndDate: expect.any(Date) }),
    ]);
    const status = async (Target: string) =>
      (await ssm.send(new GetConnectionStatusCommand({ Target }))).Status;
    expect(await status('toy:one')).toBe('connected');
    for (const target of ['toy:gone', 'toy:none', 'i-0123456789abcdef0', '__proto__:one'])
      expect(await status(target)).toBe('notconnected');
  });
});
