import { isAwsError } from '../../aws/errors.ts';
import { isCrossSite } from '../../aws/gate.ts';
import type { WireRequest, WireResponse } from '../../aws/http.ts';
import type { AdmittedCall } from '../../aws/routes.ts';
import type { Platform, Route } from '../../kit/service.ts';
import { ownValue } from '../../lib/own.ts';
import { statusOf } from '../../lib/refusal.ts';
import type { ConsoleParts } from '../parts.ts';
import { deleteSession, updateSession } from '../store/sessions.ts';
import { setCookie, showsCsrf } from './cookie.ts';
import { readJson } from './posted.ts';
import { becomeRole } from './role.ts';
import type { SessionData } from './session.ts';
import { shownSession } from './shown.ts';
import { signIn } from './sign-in.ts';
import { type SignedIn, signedIn } from './who.ts';
import { foreignPage, invalid, json, notSignedIn, passwordFirst, refusal } from './words.ts';

const PATH = '/_slipway/console/session';

/** Sign-in and sign-out, what the page is told of its session, the password that has to be changed, and roles. */
export function sessionRoutes(parts: ConsoleParts): Route[] {
  const route = (
    [method, path, operation]: readonly [string, string, string],
    handle: (platform: Platform, call: AdmittedCall<unknown>) => Promise<WireResponse>,
  ): Route => ({
    ...{ api: 'signin', operation, methods: [method], path },
    identity: { by: 'none' },
    async handle(platform, call) {
      if (isCrossSite(call.request)) throw foreignPage();
      return handle(platform, call);
    },
  });
  const ofSession = (
    place: readonly [string, string, string],
    handle: (
      platform: Platform,
      who: SignedIn,
      call: AdmittedCall<unknown>,
    ) => Promise<WireResponse>,
  ): Route =>
    route(place, async (platform, call) => {
      const who = await mine(platform, parts, call.request);
      const { principal } = who;
      const { accessKeyId } = who.session.data;
      call.tell({ caller: { principal, accessKeyId }, said: { readOnly: false } });
      return handle(platform, who, call);
    });
  const shown = async (platform: Platform, who: SignedIn) =>
    json(200, await shownSession(platform, parts.signIn, who));
  return [
    route(['POST', PATH, 'ConsoleLogin'], (platform, call) => signIn(platform, parts, call)),
    route(['GET', PATH, 'GetSession'], async (platform, { request }) => {
      const who = await signedIn(platform, parts.signIn, request);
      return who ? shown(platform, who) : signInFirst(platform);
    }),
    ofSession(['DELETE', PATH, 'Logout'], async (platform, { session }, { request }) => {
      await platform.transaction((tx) => deleteSession(tx, session.id));
      return json(204, undefined, { 'set-cookie': setCookie(request, '', 0) });
    }),
    {
      ...ofSession(['POST', `${PATH}/password`, 'ChangePassword'], async (platform, who, call) =>
        shown(platform, await withNewPassword(platform, parts, who, call.request)),
      ),
      // IAM's record tells of it.
      recordsRefusalsOnly: true,
    },
    ofSession(['POST', `${PATH}/role`, 'SwitchRole'], async (platform, who, call) => {
      if (who.resetRequired) throw passwordFirst();
      const { roleArn, sessionName } = readRole(await readJson(call.request), who);
      const additional = { SwitchTo: roleArn };
      call.tell({ said: { readOnly: false, additional } });
      const { principal, session } = who;
      const { accessKeyId } = session.data;
      const role = await becomeRole(
        platform,
        { principal, accessKeyId },
        { roleArn, sessionName },
      ).catch(toldByAws);
      return shown(platform, await kept(platform, who, (data) => ({ ...data, role })));
    }),
    ofSession(['DELETE', `${PATH}/role`, 'ExitRole'], async (platform, who) => {
      return shown(platform, await kept(platform, who, ({ role: _, ...data }) => data));
    }),
  ];
}

/** 401, with what the sign-in page needs to know before anybody is signed in. */
function signInFirst({ config: { auth, accountId, region } }: Platform): WireResponse {
  const message = 'Nobody is signed in.';
  return json(401, { code: 'NotSignedIn', message, auth, accountId, region });
}

/** The session of the request, which a page of its own must have made. @throws HttpError */
async function mine(
  platform: Platform,
  parts: ConsoleParts,
  request: WireRequest,
): Promise<SignedIn> {
  const who = await signedIn(platform, parts.signIn, request);
  if (!who) throw notSignedIn();
  if (!showsCsrf(request, who.secret))
    throw foreignPage('The header x-slipway-csrf does not have the token of this session.');
  return who;
}

/** @throws HttpError where it has ended meanwhile */
async function kept(
  platform: Platform,
  who: SignedIn,
  change: (data: SessionData) => SessionData,
): Promise<SignedIn> {
  const { id } = who.session;
  const data = await platform.transaction((tx) => updateSession(tx, id, change));
  if (!data) throw notSignedIn('The session has ended.');
  return { ...who, session: { ...who.session, data } };
}

async function withNewPassword(
  platform: Platform,
  { signIn: users }: ConsoleParts,
  who: SignedIn,
  request: WireRequest,
): Promise<SignedIn> {
  const { principal, session } = who;
  const { accessKeyId, proof } = session.data;
  if (proof.by !== 'password')
    throw invalid('Only who has signed in by a password changes it here.');
  const { oldPassword, newPassword } = texts(await readJson(request), [
    'oldPassword',
    'newPassword',
  ]);
  if (oldPassword === undefined || newPassword === undefined)
    throw invalid('A change of password has oldPassword and newPassword.');
  const { ChangePasswordCommand, IAMClient } = await import('@aws-sdk/client-iam');
  const { region } = platform.config;
  const iam = platform.client(IAMClient, { principal, accessKeyId, region });
  const command = new ChangePasswordCommand({ OldPassword: oldPassword, NewPassword: newPassword });
  await iam.send(command).catch(toldByAws);
  const user = await users?.find(proof.userId);
  if (!user) throw notSignedIn('The session has ended.');
  const { password, resetRequired } = user;
  // The other sessions of the user have ended with the password.
  const changed = await kept(platform, who, (data) => ({
    ...data,
    proof: { ...proof, password },
  }));
  return { ...changed, resetRequired };
}

/** What is refused is refused in AWS's words. */
function toldByAws(error: unknown): never {
  const status = statusOf(error);
  if (!(error instanceof Error) || status === undefined || (status >= 500 && status !== 501))
    throw error;
  const denied = isAwsError(error, 'AccessDenied', 'AccessDeniedException');
  throw refusal(denied ? 403 : 400, error.name, error.message);
}

function readRole(body: unknown, { principal }: SignedIn) {
  const { roleArn, roleSessionName } = texts(body, ['roleArn', 'roleSessionName']);
  if (roleArn === undefined) throw invalid('A switch of roles has roleArn.');
  const usual = principal.type === 'user' ? principal.userName : 'console';
  return { roleArn, sessionName: roleSessionName ?? usual };
}

/** Members of what was posted. @throws HttpError for what is no text */
function texts<K extends string>(body: unknown, names: readonly K[]): Partial<Record<K, string>> {
  const found: Partial<Record<K, string>> = {};
  for (const name of names) {
    const value = ownValue(Object(body) as Record<string, unknown>, name);
    if (value === undefined) continue;
    if (typeof value !== 'string' || value.length > 2048) throw invalid(`${name} is a text.`);
    found[name] = value;
  }
  return found;
}
