import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { addAccount } from './accounts.ts';
import { accountOf, ensureRootKey, makeRootKeys } from './root-key.ts';

const ACCOUNT = '111111111111';

describe('the root key', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'slipway-root-'));
    return () => rmSync(dataDir, { recursive: true });
  });
  const OTHER = '222222222222';
  const ensure = (more = {}) => ensureRootKey({ dataDir, accountId: ACCOUNT, ...more });
  const given = { rootAccessKeyId: 'test', rootSecretAccessKey: 'secret' };

  it('is made once, for its owner only; servers that start at once agree', async () => {
    const keys = await Promise.all([ensure(), ensure()]);
    expect(keys[0]).toEqual(keys[1]);
    expect(await ensure()).toEqual(keys[0]);
    expect(keys[0]).toMatchObject({ accountId: ACCOUNT });
    expect(keys[0].accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
    expect(statSync(join(dataDir, 'root.json')).mode & 0o777).toBe(0o600);
  });

  it('can be given, but only whole', async () => {
    expect(await ensure(given)).toMatchObject({ accessKeyId: 'test', secretAccessKey: 'secret' });
    await expect(ensure({ rootAccessKeyId: 'test' })).rejects.toThrow('set together');
    await expect(ensure({ ...given, rootAccessKeyId: 'a/b' })).rejects.toThrow('letters, digits');
  });

  it('stays its account’s when the directory is started with another, which gets one of its own', async () => {
    const first = await ensure();
    const second = await ensure({ accountId: OTHER });
    expect(second).toMatchObject({ accountId: OTHER });
    expect(second.accessKeyId).not.toBe(first.accessKeyId);
    expect(await ensure()).toEqual(first);
    expect(await ensure({ accountId: OTHER })).toEqual(second);
    const keys = makeRootKeys(dataDir, second);
    expect([first, second].map(({ accessKeyId }) => keys.find(accessKeyId))).toEqual([
      first,
      second,
    ]);
    // Without a word about it, the account is the one that the directory began with.
    const start = { dataDir, accountId: '000000000000' };
    expect(accountOf({ ...start, accountGiven: false })).toBe(ACCOUNT);
    expect(accountOf({ ...start, accountGiven: true })).toBe('000000000000');
  });

  it('that was given for one account is not another’s, and one is made when none is given any more', async () => {
    await ensure(given);
    await expect(ensure({ ...given, accountId: OTHER })).rejects.toThrow(
      `root key of account ${ACCOUNT}`,
    );
    const made = await ensure();
    expect(made.accessKeyId).toMatch(/^AKIA/);
    expect(await ensure()).toEqual(made);
  });

  it('of an account that is added is known at once', async () => {
    const keys = makeRootKeys(dataDir, await ensure());
    const added = addAccount(dataDir, OTHER);
    expect(keys.find(added.accessKeyId)).toBeUndefined();
    expect(keys.findNew(added.accessKeyId)).toEqual(added);
    expect(keys.find(added.accessKeyId)).toEqual(added);
    expect(addAccount(dataDir, OTHER)).toEqual(added);
    expect(statSync(join(dataDir, 'accounts', `${OTHER}.json`)).mode & 0o777).toBe(0o600);
  });
});
