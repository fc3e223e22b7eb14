import { ALGORITHM, hmacHex, scopeText, sha256Hex, signingKey } from './signing-key.ts';

/** What a signature in place of a git password covers. */
export interface GitPlace {
  /** `YYYYMMDDTHHMMSS`, UTC, without the final Z. */
  timestamp: string;
  region: string;
  /** As the signer has it: awscli leaves the port out, git-remote-codecommit does not. */
  host: string;
  /** Path of the repository: `/v1/repos/NAME`. */
  path: string;
  /** For which service it is; default: CodeCommit. */
  service?: string;
}

/**
 * The signature that `aws codecommit credential-helper` and git-remote-codecommit make: Version 4 with method GIT,
 * no query, the host as the only header and an empty line where the hash of the payload stands.
 * The password is `<timestamp>Z<signature>`, the user name the key id, with `%<session token>` behind a temporary one.
 */
export function gitSignature(accessKeyId: string, secret: string, place: GitPlace): string {
  const scope = {
    date: place.timestamp.slice(0, 8),
    region: place.region,
    service: place.service ?? 'codecommit',
  };
  const request = `GIT\n${place.path}\n\nhost:${place.host}\n\nhost\n`;
  const text = `${ALGORITHM}\n${place.timestamp}\n${scopeText(scope)}\n${sha256Hex(request)}`;
  return hmacHex(signingKey(accessKeyId, secret, scope), text);
}
