import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CodeCommitClient,
  CreateRepositoryCommand,
  ListRepositoriesCommand,
} from '@aws-sdk/client-codecommit';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run, succeed } from './run.ts';
import { startServer, type TestServer } from './server.ts';

const slipway = join(import.meta.dirname, '..', 'bin', 'slipway');
const FIRST = '111111111111';
const SECOND = '222222222222';

interface Key {
  accountId: string;
  accessKeyId: string;
  secretAccessKey: string;
}

let dataDir: string;
let server: TestServer | undefined;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'slipway-accounts-'));
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(...flags: string[]): Promise<TestServer> {
  await server?.stop();
  server = await startServer({ dataDir, flags });
  return server;
}

const create = async (...flags: string[]): Promise<Key> =>
  JSON.parse(await succeed(slipway, ['account', 'create', '--json', '--data', dataDir, ...flags]));

const as = ({ endpoint, region }: TestServer, credentials: Omit<Key, 'accountId'>) => ({
  endpoint,
  region,
  credentials,
});

async function accountOf(at: TestServer, key: Omit<Key, 'accountId'>): Promise<string | undefined> {
  return (await new STSClient(as(at, key)).send(new GetCallerIdentityCommand({}))).Account;
}

async function repositoriesOf(at: TestServer, key: Omit<Key, 'accountId'>) {
  const { repositories } = await new CodeCommitClient(as(at, key)).send(
    new ListRepositoriesCommand({}),
  );
  return repositories?.map(({ repositoryName }) => repositoryName);
}

const makeRepository = (at: TestServer, key: Omit<Key, 'accountId'>, repositoryName: string) =>
  new CodeCommitClient(as(at, key)).send(new CreateRepositoryCommand({ repositoryName }));

describe('slipway account', () => {
  it('makes a second account with a root key of its own while the server runs; both last', async () => {
    const first = await start();
    const second = await create('--account', SECOND);
    expect(second).toMatchObject({ accountId: SECOND });
    expect(await accountOf(first, second)).toBe(SECOND);
    expect(await accountOf(first, first)).toBe('000000000000');
    await makeRepository(first, second, 'theirs');
    expect(await repositoriesOf(first, first)).toEqual([]);
    const again = await start();
    expect(again.accessKeyId).toBe(first.accessKeyId);
    expect(await repositoriesOf(again, second)).toEqual(['theirs']);
    const list = await succeed(slipway, ['account', 'list', '--json', '--data', dataDir]);
    expect(JSON.parse(list)).toEqual([
      { accountId: '000000000000', accessKeyId: first.accessKeyId },
      { accountId: SECOND, accessKeyId: second.accessKeyId },
    ]);
    const environment = ['env', '--json', '--data', dataDir, '--account', SECOND];
    expect(JSON.parse(await succeed(slipway, environment))).toMatchObject({
      AWS_ENDPOINT_URL: again.endpoint,
      AWS_ACCESS_KEY_ID: second.accessKeyId,
      AWS_SECRET_ACCESS_KEY: second.secretAccessKey,
    });
  });

  it('makes accounts on a directory whose server is stopped, each with a number of its own', async () => {
    await (await start()).stop();
    server = undefined;
    const made = [await create(), await create()];
    expect(made[0]?.accountId).toMatch(/^\d{12}$/);
    expect(made[0]?.accountId).not.toBe(made[1]?.accountId);
    const running = await start();
    for (const key of made) expect(await accountOf(running, key)).toBe(key.accountId);
  });

  it('ends with 1 for an account that is there or a directory without a server, and with 2 for wrong usage', async () => {
    const account = (...args: string[]) => run(slipway, ['account', ...args, '--data', dataDir]);
    expect(await account('create')).toMatchObject({ code: 1, stdout: '' });
    await start();
    expect((await account('create', '--account', SECOND)).code).toBe(0);
    expect(await account('create', '--account', SECOND)).toMatchObject({ code: 1, stdout: '' });
    expect(await account('create', '--account', '12')).toMatchObject({ code: 2, stdout: '' });
    expect(await account('remove')).toMatchObject({ code: 2, stdout: '' });
  });
});

it('--account on an existing data directory is another account beside the old one', async () => {
  const first = await start('--account', FIRST);
  await makeRepository(first, first, 'ours');
  const second = await start('--account', SECOND);
  expect(second.accountId).toBe(SECOND);
  expect(second.out()).toMatch(new RegExp(`^Further accounts here: ${FIRST}\\. .*--account`, 'm'));
  expect(first.out()).not.toContain('Further accounts');
  expect(second.accessKeyId).not.toBe(first.accessKeyId);
  expect(await accountOf(second, first)).toBe(FIRST);
  expect(await repositoriesOf(second, first)).toEqual(['ours']);
  expect(await repositoriesOf(second, second)).toEqual([]);
  const again = await start();
  expect(again).toMatchObject({ accountId: FIRST, accessKeyId: first.accessKeyId });
});
