import type { TransportService } from '../git-host.ts';

/** What a client of git's asks a server to run over SSH. */
export interface SshCommand {
  service: TransportService;
  /** As it was sent, without the quotes. */
  path: string;
}

/** Far more than any repository's name needs. */
const LONGEST = 4_096;
const PATH = `(?:'([^']+)'|"([^"\\\\$\`]+)"|([^\\s'"\\\\$\`]+))`;
const COMMAND = new RegExp(`^git[- ](upload-pack|receive-pack) ${PATH}$`);

/** What a client of Git LFS asks: how it gets at a repository's objects over HTTP. */
export interface LfsCommand {
  operation: 'download' | 'upload';
  path: string;
}

/** Some clients say the object, too. */
const LFS_COMMAND = new RegExp(
  `^git-lfs-authenticate ${PATH} '?(download|upload)'?(?: [0-9a-f]{64})?$`,
);

/** Reads `git-lfs-authenticate '/v1/repos/app' upload`. @returns undefined for all else */
export function parseLfsCommand(text: string): LfsCommand | undefined {
  if (text.length > LONGEST) return undefined;
  const [, single, double, bare, operation] = LFS_COMMAND.exec(text) ?? [];
  const path = single ?? double ?? bare;
  if (path === undefined || (operation !== 'download' && operation !== 'upload')) return undefined;
  return { operation, path };
}

/**
 * Reads `git-upload-pack '/v1/repos/app'` (CC-SSH-04). No shell ever sees the text: what has any other form is nothing.
 * @returns undefined for all else that somebody wants run
 */
export function parseSshCommand(text: string): SshCommand | undefined {
  if (text.length > LONGEST) return undefined;
  const [, service, single, double, bare] = COMMAND.exec(text) ?? [];
  const path = single ?? double ?? bare;
  if (service === undefined || path === undefined) return undefined;
  return { service: `git-${service}` as TransportService, path };
}
