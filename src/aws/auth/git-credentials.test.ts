import { describe, expect, test } from 'vitest';
import type { AccessKey, CredentialStore, Principal } from '../principal.ts';
import { authenticateGit } from './git-credentials.ts';
import { gitSignature } from './git-signature.ts';

const keyId = 'AKIAIOSFODNN7EXAMPLE';
const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const host = 'git-codecommit.us-east-1.amazonaws.com';
const path = '/v1/repos/MyDemoRepo';
const timestamp = '20260101T000000';
/** The test vector of the reference sheet, section 1.1.1. */
const signature = 'b5b25456a2c242e638a30a61c54e218059ec9372d499bd3a6800e11e8273c904';

const user: Principal = {
  type: 'user',
  accountId: '111111111111',
  arn: 'arn:aws:iam::111111111111:user/mary',
  userId: 'AIDA',
  userName: 'mary',
};

function store(key: Partial<AccessKey> = {}): CredentialStore {
  const known = { accessKeyId: keyId, secretAccessKey: secret, status: 'Active' as const };
  return {
    findAccessKey: async (id) =>
      id === keyId || id === 'ASIATEMPORARY' ? { ...known, principal: user, ...key } : undefined,
    isCurrent: async () => true,
    findSshPublicKey: async () => undefined,
    findServiceSpecificCredential: async (service, name, password) =>
      service === 'codecommit.amazonaws.com' && name === 'mary-at-1' && password === 'right'
        ? user
        : undefined,
  };
}

const facts = {
  mode: 'strict' as const,
  accountId: '111111111111',
  credentials: store(),
  now: new Date('2026-01-01T00:05:00Z'),
  host,
  path,
  regions: ['eu-west-1', 'us-east-1'],
  service: 'codecommit',
  userName: keyId,
  password: `${timestamp}Z${signature}`,
};

describe('CC-GIT-03: git credentials', () => {
  test('the signature is the one of the reference', () => {
    expect(gitSignature(keyId, secret, { timestamp, region: 'us-east-1', host, path })).toBe(
      signature,
    );
  });

  test('a signature tells who and for which region', async () => {
    const found = { principal: user, accessKeyId: keyId, region: 'us-east-1' };
    expect(await authenticateGit(facts)).toEqual(found);
  });

  test('awscli signs the host without its port, git-remote-codecommit with it', async () => {
    for (const signed of ['localhost', 'localhost:4566']) {
      const what = { timestamp, region: 'us-east-1', host: signed, path };
      const password = `${timestamp}Z${gitSignature(keyId, secret, what)}`;
      const caller = await authenticateGit({ ...facts, host: 'localhost:4566', password });
      expect(caller?.principal).toEqual(user);
    }
  });

  test('temporary credentials carry their token behind a percent sign', async () => {
    const credentials = store({ sessionToken: 'TOKEN%TOKEN' });
    const what = { timestamp, region: 'us-east-1', host, path };
    const password = `${timestamp}Z${gitSignature('ASIATEMPORARY', secret, what)}`;
    const temporary = { ...facts, credentials, password };
    const right = await authenticateGit({ ...temporary, userName: 'ASIATEMPORARY%TOKEN%TOKEN' });
    expect(right?.principal).toEqual(user);
    expect(await authenticateGit({ ...temporary, userName: 'ASIATEMPORARY' })).toBeUndefined();
    expect(await authenticateGit({ ...temporary, userName: 'ASIATEMPORARY%X' })).toBeUndefined();
  });

  test.each([
    ['too old', { now: new Date('2026-01-01T00:15:01Z') }],
    ['from the future', { now: new Date('2025-12-31T23:44:59Z') }],
    ['for another repository', { path: '/v1/repos/Other' }],
    ['for another host', { host: 'example.com' }],
    ['for another region', { regions: ['eu-west-1'] }],
    ['by another key', { credentials: store({ secretAccessKey: 'other' }) }],
    ['by an unknown key', { userName: 'AKIAUNKNOWN' }],
    ['by an inactive key', { credentials: store({ status: 'Inactive' }) }],
    ['by an expired key', { credentials: store({ expires: new Date('2026-01-01T00:04:00Z') }) }],
    ['of a day that is none', { password: `20260231T000000Z${signature}` }],
    ['of no signature', { password: '' }],
  ])('a signature %s is refused', async (_why, change) => {
    expect(await authenticateGit({ ...facts, ...change })).toBeUndefined();
  });

  test('IAM git credentials tell who, not where', async () => {
    const named = { ...facts, userName: 'mary-at-1', password: 'right' };
    expect(await authenticateGit(named)).toEqual({ principal: user, region: undefined });
    expect(await authenticateGit({ ...named, password: 'wrong' })).toBeUndefined();
  });

  test('relaxed: anybody is somebody', async () => {
    const relaxed = { ...facts, mode: 'relaxed' as const, userName: '', password: '' };
    expect((await authenticateGit(relaxed))?.principal.accountId).toBe('111111111111');
    const other = await authenticateGit({ ...relaxed, userName: '222222222222' });
    expect(other?.principal).toMatchObject({ type: 'root', accountId: '222222222222' });
  });

  test('relaxed: a session whose user is gone, or that has expired, is nobody any more', async () => {
    const gone = { ...facts, mode: 'relaxed' as const, userName: 'ASIATEMPORARY%TOKEN' };
    const credentials = store({ sessionToken: 'TOKEN', status: 'Inactive' });
    expect(await authenticateGit({ ...gone, credentials })).toBeUndefined();
    const expired = store({ sessionToken: 'TOKEN', expires: new Date('2026-01-01T00:04:00Z') });
    expect(await authenticateGit({ ...gone, credentials: expired })).toBeUndefined();
  });
});
