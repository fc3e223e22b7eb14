import {
  CreateAccessKeyCommand,
  CreateAccountAliasCommand,
  CreateLoginProfileCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteLoginProfileCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
  UpdateLoginProfileCommand,
} from '@aws-sdk/client-iam';
import { expect, it } from 'vitest';
import { eachDialect, embedded } from '../db/testing.ts';
import type { SignIn } from '../kit/sign-in.ts';
import codecommit from '../services/codecommit/index.ts';
import { ACCOUNT, REGION, type World, world } from '../testing.ts';
import { check, readPosted } from './session/begin.ts';
import { browserOf } from './testing.ts';

const PASSWORD = 'Correct-Horse-1';
const REPOSITORIES = 'CodeCommit_20150413.ListRepositories';
const statement = (Action: string, Resource = '*') =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action, Resource } });

async function userOf({ client }: World, UserName = 'mary', reset = false) {
  const iam = client(IAMClient);
  const { User } = await iam.send(new CreateUserCommand({ UserName }));
  const given = { UserName, Password: PASSWORD, PasswordResetRequired: reset };
  await iam.send(new CreateLoginProfileCommand(given));
  return { iam, arn: User?.Arn ?? '' };
}

const allow = (iam: IAMClient, action: string, resource?: string) =>
  iam.send(
    new PutUserPolicyCommand({
      ...{ UserName: 'mary', PolicyName: 'p', PolicyDocument: statement(action, resource) },
    }),
  );

eachDialect('the console', (makeDatabase) => {
  it('signs a user in by his password, and makes the calls of his pages with his rights', async () => {
    const w = await world(makeDatabase, [codecommit]);
    const { iam, arn } = await userOf(w);
    await iam.send(new CreateAccountAliasCommand({ AccountAlias: 'our-team' }));
    const mary = browserOf(w);
    expect((await mary.ask('GET', '/session')).status).toBe(401);
    const answer = await mary.signIn({
      accountId: 'our-team',
      userName: 'mary',
      password: PASSWORD,
    });
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({
      ...{ accountId: ACCOUNT, alias: 'our-team', arn, userName: 'mary', region: REGION },
      ...{ auth: 'strict', passwordResetRequired: false, signedInBy: 'password' },
      expiresAt: new Date(w.clock.now().getTime() + 12 * 3_600_000).toISOString(),
    });
    expect(answer.headers['set-cookie']).toMatch(
      /^slipway-console-4566=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/_slipway\/console; Max-Age=43200$/,
    );
    const denied = await mary.call(REPOSITORIES, 'codecommit');
    expect(denied.status).toBe(400);
    expect(denied.json()).toMatchObject({
      __type: 'AccessDeniedException',
      message: expect.stringContaining(
        `User: ${arn} is not authorized to perform: codecommit:ListRepositories`,
      ),
    });
    await allow(iam, 'codecommit:ListRepositories');
    const found = await mary.call(REPOSITORIES, 'codecommit');
    expect([found.status, found.json()]).toEqual([200, { repositories: [] }]);
    expect(found.headers['content-security-policy']).toContain('sandbox');
    // Temporary credentials without MFA are what a session stands for.
    expect(w.conditions.at(-1)).toMatchObject({ 'aws:multifactorauthpresent': 'false' });
    // For no other service than the one that the address names.
    expect((await mary.call(REPOSITORIES, 'codebuild')).text).toContain(
      'InvalidSignatureException',
    );
    // The secret is with the browser alone.
    const rows = await w.platform.db
      .withTables<{ console_session: { id: string; data: string } }>()
      .selectFrom('console_session')
      .selectAll()
      .execute();
    const secret = mary.cookie?.split('=')[1] ?? '';
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(JSON.stringify(rows)).not.toContain(mary.csrf);
    expect(w.failures).toEqual([]);
  });

  it('tells nobody who there is, and slows down whoever guesses', async () => {
    const w = await world(makeDatabase, []);
    const { iam } = await userOf(w);
    await iam.send(new CreateAccountAliasCommand({ AccountAlias: 'our-team' }));
    const guess = async (body: object, address: string) => {
      const { status, text, headers } = await browserOf(w, address).signIn(body);
      return { status, text, retry: headers['retry-after'] };
    };
    const wrong = await guess({ userName: 'mary', password: 'wrong' }, '10.0.0.1');
    expect(wrong).toMatchObject({ status: 401, text: expect.stringContaining('"SignInFailure"') });
    expect(await guess({ userName: 'nobody', password: 'wrong' }, '10.0.0.1')).toEqual(wrong);
    expect(
      await guess({ accountId: 'no-such-team', userName: 'mary', password: 'wrong' }, '10.0.0.1'),
    ).toEqual(wrong);
    expect(await guess({ accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' }, '10.0.0.1')).toEqual(
      wrong,
    );
    // All at once, by whatever the account is called.
    const names = ['our-team', ACCOUNT, undefined, 'our-team', ACCOUNT, undefined];
    const tries = await Promise.all(
      names.map((accountId) =>
        guess({ accountId, userName: 'MARY', password: 'wrong' }, '10.0.0.1'),
      ),
    );
    expect(tries.map(({ status }) => status).sort()).toEqual([401, 401, 401, 401, 429, 429]);
    const right = { userName: 'mary', password: PASSWORD };
    expect(await guess(right, '10.0.0.1')).toMatchObject({ status: 429, retry: '1' });
    // She is not locked out elsewhere.
    expect((await guess(right, '10.0.0.2')).status).toBe(200);
    w.clock.advance(1_001);
    expect((await guess(right, '10.0.0.1')).status).toBe(200);
    await w.platform.recorded();
  });
});

embedded('the console', (makeDatabase) => {
  it('takes no call that a page of its own has not made', async () => {
    const w = await world(makeDatabase, [codecommit]);
    const { iam } = await userOf(w);
    await allow(iam, '*');
    const [mary, other] = [browserOf(w), browserOf(w)];
    await mary.signIn({ userName: 'mary', password: PASSWORD });
    await other.signIn({ userName: 'mary', password: PASSWORD });
    const target = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': REPOSITORIES };
    const call = async (headers: Record<string, string>) =>
      (
        await mary.ask('POST', '/api/codecommit/eu-west-1/', {
          body: '{}',
          headers: { ...target, ...headers },
        })
      ).status;
    expect(await call({})).toBe(200);
    expect(await call({ origin: 'http://localhost:4566' })).toBe(200);
    expect(await call({ 'x-slipway-csrf': '' })).toBe(403);
    expect(await call({ 'x-slipway-csrf': other.csrf })).toBe(403);
    expect(await call({ origin: 'http://evil.example' })).toBe(403);
    expect(await call({ origin: 'http://localhost:3000' })).toBe(403);
    expect(await call({ origin: 'null' })).toBe(403);
    expect(await call({ 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await call({ cookie: '' })).toBe(401);
    expect(await call({ cookie: 'slipway-console-4566=' })).toBe(401);
    // A cookie of another server on this machine.
    expect(await call({ cookie: (mary.cookie ?? '').replace('4566', '4567') })).toBe(401);
    const post = (
      headers: Record<string, string>,
      body = JSON.stringify({ userName: 'mary', password: PASSWORD }),
    ) => mary.ask('POST', '/session', { body, headers });
    expect((await post({ 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post({ 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
    expect((await post({ origin: 'null' })).status).toBe(403);
    expect((await post({}, '{')).status).toBe(400);
    expect((await post({}, '"userName"')).status).toBe(400);
    expect((await post({}, '{"userName":{},"password":[]}')).status).toBe(400);
    expect((await post({}, JSON.stringify({ userName: 'x'.repeat(40_000) }))).status).toBe(413);
    for (const [method, path] of [
      ['DELETE', '/session'],
      ['POST', '/session/role'],
      ['POST', '/session/password'],
    ] as const) {
      expect((await mary.ask(method, path, { headers: { 'x-slipway-csrf': 'x' } })).status).toBe(
        403,
      );
    }
    // Nothing but services is behind `api`: no route of the server, and no session.
    for (const path of [
      '/api/s3/eu-west-1/_slipway/console/session',
      '/api/../session',
      '/api/iam/eu-west-1',
      '/api//eu-west-1/',
      '/api/%2e%2e/eu-west-1/',
      '/api/signin/eu-west-1/session',
      "/api/iam'/eu-west-1/",
    ]) {
      const { status, text } = await mary.ask('GET', path);
      expect([path, status >= 400 && status < 502, text.includes(mary.csrf)]).toEqual([
        path,
        true,
        false,
      ]);
    }
    expect(w.failures).toEqual([]);
  });

  it('begins a new session at each sign-in, and ends one at sign-out', async () => {
    const w = await world(makeDatabase, []);
    await userOf(w);
    const mary = browserOf(w);
    // A cookie that somebody has planted is no session, before or afterwards.
    const planted = `slipway-console-4566=${'A'.repeat(43)}`;
    mary.cookie = planted;
    await mary.signIn({ userName: 'mary', password: PASSWORD });
    expect(mary.cookie).not.toBe(planted);
    const first = mary.cookie;
    expect((await mary.ask('GET', '/session', { headers: { cookie: planted } })).status).toBe(401);
    // One planted beside it is not taken for it, whichever comes first; said twice it is one.
    for (const [cookie, status] of [
      [`${first}; ${planted}`, 401],
      [`${planted}; ${first}`, 401],
      [`a=b; ${first}; ${first}`, 200],
    ] as const)
      expect((await mary.ask('GET', '/session', { headers: { cookie } })).status).toBe(status);
    await mary.signIn({ userName: 'mary', password: PASSWORD });
    expect((await mary.ask('GET', '/session', { headers: { cookie: first ?? '' } })).status).toBe(
      401,
    );
    expect((await mary.ask('GET', '/session')).status).toBe(200);
    const out = await mary.ask('DELETE', '/session');
    expect([out.status, out.headers['set-cookie']]).toEqual([
      204,
      expect.stringContaining('Max-Age=0'),
    ]);
    expect((await mary.ask('GET', '/session')).status).toBe(401);
  });

  it('begins no history for accounts that nobody has', async () => {
    const { platform } = await world(makeDatabase, []);
    const users: SignIn = {
      accountOf: async (alias) => (alias === 'our-team' ? '222222222222' : undefined),
      aliasOf: async () => undefined,
      hasUsers: async (accountId) => accountId === '222222222222',
      check: async () => ({ user: undefined, isRight: false }),
      find: async () => undefined,
    };
    const shown = async (accountId: string | undefined) => {
      const body = { accountId, userName: 'x', password: 'wrong' };
      return check(platform, users, await readPosted(platform, users, body));
    };
    expect(await shown('333333333333')).toEqual({});
    expect(await shown('no-such-team')).toEqual({});
    expect(await shown('222222222222')).toEqual({ accountId: '222222222222' });
    expect(await shown('our-team')).toEqual({ accountId: '222222222222' });
    expect(await shown(undefined)).toEqual({ accountId: ACCOUNT });
  });

  it('ends once a server that took any secret is strict', async () => {
    const w = await world(makeDatabase, []);
    const set = (auth: 'strict' | 'relaxed') => Object.assign(w.platform.config, { auth });
    const [root, mary] = [browserOf(w), browserOf(w)];
    await userOf(w);
    await mary.signIn({ userName: 'mary', password: PASSWORD });
    set('relaxed');
    expect((await root.signIn({ accessKeyId: 'AKIAROOT', secretAccessKey: 'any' })).status).toBe(
      200,
    );
    const isIn = async ({ ask }: typeof root) => (await ask('GET', '/session')).status === 200;
    expect([await isIn(root), await isIn(mary)]).toEqual([true, true]);
    set('strict');
    expect([await isIn(root), await isIn(mary)]).toEqual([false, true]);
  });

  it('ends with what it began by', async () => {
    const w = await world(makeDatabase, []);
    const { iam } = await userOf(w);
    const mary = browserOf(w);
    const isIn = async () => (await mary.ask('GET', '/session')).status === 200;
    const byPassword = async (password = PASSWORD) => {
      expect((await mary.signIn({ userName: 'mary', password })).status).toBe(200);
    };
    await byPassword();
    await iam.send(
      new UpdateLoginProfileCommand({ UserName: 'mary', Password: 'Another-Horse-2' }),
    );
    expect(await isIn()).toBe(false);
    await byPassword('Another-Horse-2');
    await iam.send(new DeleteLoginProfileCommand({ UserName: 'mary' }));
    expect(await isIn()).toBe(false);
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'mary' }));
    const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } =
      AccessKey ?? {};
    const key = { accessKeyId, secretAccessKey };
    expect((await mary.signIn({ ...key, secretAccessKey: 'x'.repeat(40) })).status).toBe(401);
    const shown = await mary.signIn(key);
    expect(shown.text).not.toContain(secretAccessKey);
    expect(await isIn()).toBe(true);
    const switched = { UserName: 'mary', AccessKeyId: accessKeyId };
    await iam.send(new UpdateAccessKeyCommand({ ...switched, Status: 'Inactive' }));
    expect(await isIn()).toBe(false);
    expect((await mary.signIn(key)).status).toBe(401);
    await iam.send(new UpdateAccessKeyCommand({ ...switched, Status: 'Active' }));
    await mary.signIn(key);
    w.clock.advance(12 * 3_600_000);
    expect(await isIn()).toBe(false);
  });

  it('lets who has to change his password do nothing else, and only this session outlives the change', async () => {
    const w = await world(makeDatabase, [codecommit]);
    const { iam } = await userOf(w, 'mary', true);
    await allow(iam, '*');
    const [mary, elsewhere] = [browserOf(w), browserOf(w)];
    await elsewhere.signIn({ userName: 'mary', password: PASSWORD });
    const signed = await mary.signIn({ userName: 'mary', password: PASSWORD });
    expect(signed.json()).toMatchObject({ passwordResetRequired: true });
    const refused = await mary.call(REPOSITORIES, 'codecommit');
    expect([refused.status, refused.headers['x-amzn-errortype']]).toEqual([
      403,
      'PasswordResetRequired',
    ]);
    expect((await mary.ask('GET', '/events')).status).toBe(403);
    const change = (body: object) => mary.ask('POST', '/session/password', { body });
    expect((await change({ oldPassword: 'wrong', newPassword: 'Another-Horse-2' })).status).toBe(
      403,
    );
    expect((await change({ oldPassword: PASSWORD, newPassword: 'x' })).json()).toMatchObject({
      code: 'PasswordPolicyViolationException',
    });
    const changed = await change({ oldPassword: PASSWORD, newPassword: 'Another-Horse-2' });
    expect(changed.json()).toMatchObject({ passwordResetRequired: false, csrf: mary.csrf });
    expect((await mary.call(REPOSITORIES, 'codecommit')).status).toBe(200);
    expect((await elsewhere.ask('GET', '/session')).status).toBe(401);
  });

  it('switches to a role that trusts the signed-in, and back', async () => {
    const w = await world(makeDatabase, [codecommit]);
    const { iam, arn } = await userOf(w);
    const trust = { Effect: 'Allow', Principal: { AWS: arn }, Action: 'sts:AssumeRole' };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: trust });
    const { Role } = await iam.send(
      new CreateRoleCommand({ RoleName: 'releaser', AssumeRolePolicyDocument }),
    );
    const policy = {
      RoleName: 'releaser',
      PolicyName: 'p',
      PolicyDocument: statement('codecommit:*'),
    };
    await iam.send(new PutRolePolicyCommand(policy));
    const mary = browserOf(w);
    await mary.signIn({ userName: 'mary', password: PASSWORD });
    expect(
      (await mary.ask('POST', '/session/role', { body: { roleArn: `${Role?.Arn}s` } })).json(),
    ).toMatchObject({ code: 'AccessDenied' });
    expect((await mary.ask('POST', '/session/role', { body: { roleArn: 7 } })).status).toBe(400);
    const became = await mary.ask('POST', '/session/role', { body: { roleArn: Role?.Arn } });
    expect(became.json()).toMatchObject({
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/releaser/mary`,
      role: { roleArn: Role?.Arn, roleName: 'releaser', sessionName: 'mary', signedInAs: arn },
    });
    expect((await mary.call(REPOSITORIES, 'codecommit')).status).toBe(200);
    // Its time over, it is asked for again; once it is gone, the way back is open.
    w.clock.advance(3_600_001);
    const assumed = () => w.asked.filter((asked) => asked.startsWith('sts:AssumeRole ')).length;
    const before = assumed();
    const calls = await Promise.all([1, 2, 3].map(() => mary.call(REPOSITORIES, 'codecommit')));
    expect(calls.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(assumed() - before).toBe(1);
    // Who switches back while it is asked for again stays switched back.
    w.clock.advance(3_600_001);
    const [, gone] = await Promise.all([
      mary.call(REPOSITORIES, 'codecommit'),
      mary.ask('DELETE', '/session/role'),
    ]);
    expect([gone.status, (await mary.ask('GET', '/session')).json().role]).toEqual([
      200,
      undefined,
    ]);
    await mary.ask('POST', '/session/role', { body: { roleArn: Role?.Arn } });
    const back = await mary.ask('DELETE', '/session/role');
    expect(back.json()).toMatchObject({ arn });
    expect((await mary.call(REPOSITORIES, 'codecommit')).status).toBe(400);
    expect(w.failures).toEqual([]);
  });
});
