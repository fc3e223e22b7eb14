import { servicePrincipal } from '../aws/auth/service.ts';
import type { Session } from '../aws/auth/session-token.ts';
import type { Dispatcher } from '../aws/dispatcher.ts';
import type { InternalCaller } from '../aws/http.ts';
import { type Identity, inProcessConfig } from '../aws/in-process.ts';
import type { Principal } from '../aws/principal.ts';
import type { Clock } from '../lib/clock.ts';
import type { ActAs } from './platform.ts';

/**
 * Who calls, for whom a service acts.
 * @throws (when the identity is asked for) STS' errors: AccessDenied when a role does not exist or does not trust the service
 */
export type Identities = (actAs: ActAs) => Identity;

export interface IdentityOptions {
  dispatch: Dispatcher;
  /** Reads a session's token. */
  openSession(token: string): Session | undefined;
  /** Is the role of a session, by its unique id, still there? Provided by IAM. */
  isCurrent(principal: Principal): Promise<boolean>;
  clock: Clock;
  /** Known once the server listens. */
  endpoint(): string;
}

/** How long a session is kept before its trust policy is asked again; AWS's own sessions last an hour. */
const SESSION_MS = 5 * 60_000;

/** Makes what says who calls, for whom a service acts. A role's session is kept by what is returned. */
export function makeIdentities(options: IdentityOptions): Identities {
  return (actAs) => identityOf(options, actAs);
}

function identityOf(options: IdentityOptions, actAs: ActAs): Identity {
  const { region } = actAs;
  if ('principal' in actAs) {
    const calling = actAs.via?.at(-1);
    const invokedBy = calling && `${calling}.amazonaws.com`;
    return async () => ({ ...actAs, invokedBy });
  }
  const { service } = actAs;
  if (!('roleArn' in actAs)) {
    const { sourceArn, may, sourceAccount } = actAs;
    const principal = servicePrincipal(service, sourceArn, may, sourceAccount);
    return async () => ({ principal, region, invokedBy: service, sourceArn });
  }
  let session: { caller: Promise<InternalCaller>; until: number } | undefined;
  const isGood = async () => {
    if (!session || session.until <= options.clock.now().getTime()) return false;
    return options.isCurrent((await session.caller).principal);
  };
  return async () => {
    if (!session || !(await isGood())) {
      const until = options.clock.now().getTime() + SESSION_MS;
      session = { caller: becomeRole(options, actAs), until };
      session.caller.catch(() => {
        session = undefined;
      });
    }
    return session.caller;
  };
}

/**
 * The session of a role that a service works under, as STS gives it to whom the role trusts.
 * @throws STS' errors: AccessDenied when a role does not exist or does not trust who assumes it
 */
async function becomeRole(
  options: IdentityOptions,
  {
    service,
    roleArn,
    byRoleArn,
    sourceArn,
    sessionName,
    region,
  }: Extract<ActAs, { roleArn: string }>,
): Promise<InternalCaller> {
  const { AssumeRoleCommand, STSClient } = await import('@aws-sdk/client-sts');
  const assume = async (caller: InternalCaller, RoleArn: string): Promise<InternalCaller> => {
    const place = { service: 'sts', region, endpoint: options.endpoint() };
    const sts = new STSClient(inProcessConfig(options.dispatch, async () => caller, place));
    const command = new AssumeRoleCommand({ RoleArn, RoleSessionName: sessionName });
    const { Credentials } = await sts.send(command);
    const session = options.openSession(Credentials?.SessionToken ?? '');
    if (!session) throw new Error('STS gave a session that is none');
    const { principal, accessKeyId } = session;
    return { principal, accessKeyId, region, invokedBy: service, sourceArn };
  };
  const itself = { principal: servicePrincipal(service, sourceArn), region, invokedBy: service };
  const first = await assume(itself, byRoleArn ?? roleArn);
  return byRoleArn === undefined ? first : assume(first, roleArn);
}
