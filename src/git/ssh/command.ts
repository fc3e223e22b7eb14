import type { TransportService } from '../git-host.ts';

/** What a client of git's asks a server to run over SSH. */
export interface SshCommand {
  service: TransportService;
  /** As it was sent, without the quotes. */
  path: string;
}

/** Far more than any repository's name needs. */
const LONGEST = 4_096;
const COMMAND = /^git[- ](upload-pack|receive-pack) (?:'([^']+)'|"([^"\\$`]+)"|([^\s'"\\$`]+))$/;

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
