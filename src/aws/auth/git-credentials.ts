import type { CredentialStore } from '../principal.ts';
import type { Caller } from '../route-identity.ts';
import { AuthFailure } from './failure.ts';
import { gitSignature } from './git-signature.ts';
import { relaxedPrincipal } from './relaxed.ts';
import { sameText } from './signature.ts';

export interface GitCredentialFacts {
  mode: 'strict' | 'relaxed';
  /** Whose root a relaxed caller is who does not say. */
  accountId: string;
  credentials: CredentialStore;
  now: Date;
  /** The Host header. */
  host: string;
  /** Path of the repository: `/v1/repos/NAME`. */
  path: string;
  regions: string[];
  /** The service's signing name; CodeCommit's alone has credentials of its own (service-specific ones). */
  service: string;
  userName: string;
  password: string;
}

const CODECOMMIT = 'codecommit';
const SKEW_MS = 15 * 60_000;
/** `YYYYMMDDTHHMMSSZ` and a signature. */
const SIGNED_PASSWORD = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z([0-9a-f]{64})$/;
const ACCESS_KEY = /^A[KS]IA[A-Z0-9]+(%|$)/;

/** Verifies HTTP Basic credentials of all kinds that git over HTTP takes (CC-GIT-03). @returns undefined when they are wrong */
export async function authenticateGit(facts: GitCredentialFacts): Promise<Caller | undefined> {
  const { userName, password, credentials } = facts;
  const signed = SIGNED_PASSWORD.test(password) && ACCESS_KEY.test(userName);
  const principal =
    signed || facts.service !== CODECOMMIT
      ? undefined
      : await credentials.findServiceSpecificCredential(
          `${CODECOMMIT}.amazonaws.com`,
          userName,
          password,
        );
  if (principal) return { principal, region: undefined };
  if (facts.mode === 'relaxed') return await relaxedCaller(facts);
  return signed ? await signedCaller(facts) : undefined;
}

async function relaxedCaller(facts: GitCredentialFacts): Promise<Caller | undefined> {
  const { accountId, credentials, now } = facts;
  const { keyId: accessKeyId, token } = splitUserName(facts.userName);
  try {
    const claim = { accessKeyId, token, accountId, now };
    return { principal: await relaxedPrincipal(credentials, claim), region: undefined };
  } catch (error) {
    // Git is asked for other credentials.
    if (error instanceof AuthFailure) return undefined;
    throw error;
  }
}

/** `AKIA…`, or `ASIA…%TOKEN` for temporary credentials. */
function splitUserName(userName: string): { keyId: string; token: string | undefined } {
  const percent = userName.indexOf('%');
  if (percent < 0) return { keyId: userName, token: undefined };
  return { keyId: userName.slice(0, percent), token: userName.slice(percent + 1) };
}

/** `aws codecommit credential-helper` and git-remote-codecommit: a SigV4 signature as the password. */
async function signedCaller(facts: GitCredentialFacts): Promise<Caller | undefined> {
  const { keyId, token } = splitUserName(facts.userName);
  const key = await facts.credentials.findAccessKey(keyId, token);
  if (key?.status !== 'Active' || !sameText(key.sessionToken ?? '', token ?? '')) {
    return undefined;
  }
  if (key.expires && key.expires <= facts.now) return undefined;
  const [, year, month, day, hour, minute, second, signature = ''] =
    SIGNED_PASSWORD.exec(facts.password) ?? [];
  const signedAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // NaN, for the 31st of February, is not within any bounds either.
  if (!(Math.abs(facts.now.getTime() - signedAt) <= SKEW_MS)) return undefined;
  const timestamp = facts.password.slice(0, 15);
  const region = facts.regions.find((one) =>
    hostsOf(facts.host).some((host) =>
      sameText(
        gitSignature(keyId, key.secretAccessKey, {
          timestamp,
          region: one,
          host,
          path: facts.path,
          service: facts.service,
        }),
        signature,
      ),
    ),
  );
  return region === undefined
    ? undefined
    : { principal: key.principal, accessKeyId: keyId, region };
}

/** awscli signs the host without its port, git-remote-codecommit with it. */
function hostsOf(host: string): string[] {
  return [...new Set([host.replace(/:\d+$/, ''), host])];
}
