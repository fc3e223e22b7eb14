import { ownValue } from '../../lib/own.ts';
import { standIn } from '../../lib/stand-in.ts';
import { OutboundFailed, OutboundRefused } from '../../network/outbound.ts';
import type { Platform } from '../platform.ts';
import { type ForgeRepository, type Kind, kindOf } from './repository.ts';

/** Who speaks to a forge: a token alone, or with the name of a user. */
export interface ForgeCredential {
  userName?: string;
  token: string;
}

/** The API of a repository's forge, and who calls it. */
export interface ForgeApi {
  kind: Kind;
  /** Without a slash at its end. */
  base: string;
  repository: ForgeRepository;
  credential: ForgeCredential;
}

/** A forge was asked, and did not do it. */
export class ForgeRefused extends Error {
  override readonly name = 'ForgeRefused';
  /** It may do it another time. */
  readonly passes: boolean;
  /** What it answered; undefined where it did not. */
  readonly status: number | undefined;

  constructor(message: string, passes: boolean, status?: number) {
    super(message);
    this.passes = passes;
    this.status = status;
  }
}

const PUBLIC: Record<Kind, string> = {
  github: 'https://api.github.com',
  gitlab: 'https://gitlab.com/api/v4',
  bitbucket: 'https://api.bitbucket.org/2.0',
};
/** Of one's own, the API is below its address. */
const BELOW: Record<Kind, string> = { github: '/api/v3', gitlab: '/api/v4', bitbucket: '/2.0' };

/**
 * Where the API of a repository's forge is. `SLIPWAY_UPSTREAM_GITHUB`, `_GITLAB` and `_BITBUCKET` say it of the public ones.
 * @returns undefined where another forge stands in for a public one, and nobody says where its API is
 */
export function apiBase(
  { upstream, forges }: Pick<Platform['config'], 'upstream' | 'forges'>,
  { forge, url, host }: ForgeRepository,
): string | undefined {
  const kind = kindOf(forge);
  if (forge === 'GITHUB_ENTERPRISE' || forge === 'GITLAB_SELF_MANAGED') {
    const { origin } = new URL(url);
    return `${standIn(forges, origin).replace(/\/$/, '')}${BELOW[kind]}`;
  }
  const said = ownValue(upstream, kind);
  if (said !== undefined) return said.replace(/\/$/, '');
  return ownValue(forges, host) === undefined ? PUBLIC[kind] : undefined;
}

/** Calls the API of a forge. @returns its answer as JSON @throws ForgeRefused */
export async function callForge(
  { outbound }: Pick<Platform, 'outbound'>,
  { kind, base, credential }: Pick<ForgeApi, 'kind' | 'base' | 'credential'>,
  { method, path, body }: { method: string; path: string; body?: object },
): Promise<unknown> {
  const answer = await outbound
    .send({
      ...{ method, url: `${base}${path}` },
      headers: {
        accept: kind === 'github' ? 'application/vnd.github+json' : 'application/json',
        authorization: authorization(credential),
        'user-agent': 'slipway',
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    .catch((error) => {
      if (error instanceof OutboundRefused) throw new ForgeRefused(error.message, false);
      if (error instanceof OutboundFailed)
        throw new ForgeRefused(`${new URL(base).host}: ${error.message}`, true);
      throw error;
    });
  if (answer.status < 300) return parsed(answer.body);
  const passes = answer.status >= 500 || answer.status === 429;
  throw new ForgeRefused(`${new URL(base).host} answered ${answer.status}`, passes, answer.status);
}

const authorization = ({ userName, token }: ForgeCredential) =>
  userName === undefined
    ? `Bearer ${token}`
    : `Basic ${Buffer.from(`${userName}:${token}`).toString('base64')}`;

/** What is longer than is read, or no JSON, is nothing that anybody here looks into. */
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString() || 'null');
  } catch {
    return undefined;
  }
}

/** The path of a repository in its forge's API. */
export function apiPath({
  kind,
  repository: { name },
}: Pick<ForgeApi, 'kind' | 'repository'>): string {
  if (kind === 'gitlab') return `/projects/${encodeURIComponent(name)}`;
  const path = name.split('/').map(encodeURIComponent).join('/');
  return kind === 'github' ? `/repos/${path}` : `/repositories/${path}`;
}
