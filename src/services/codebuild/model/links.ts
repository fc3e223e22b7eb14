import { randomBytes } from 'node:crypto';

/** Where badges are. */
export const BADGES = '/_slipway/badges';
/** Where public projects are. */
export const PUBLIC = '/_slipway/public';

const TOKEN_BYTES = 24;

/** What nobody guesses. */
export const newToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');

/** The address of a project's badge, for a branch. @param server by what others reach it */
export function badgeUrl(server: string, token: string, branch: string): string {
  return `${server}${BADGES}?${new URLSearchParams({ uuid: token, branch })}`;
}

/** The address of a public build. */
export const publicBuildUrl = (server: string, alias: string, uuid: string): string =>
  `${server}${PUBLIC}/${alias}/${uuid}`;
