import { readFile } from 'node:fs/promises';
import { CA_FILE_VARIABLES, withoutProxyFor } from '../../../lib/network-environment.ts';
import { setOwn } from '../../../lib/own.ts';
import type { Session } from './session.ts';

/**
 * What the server was told to hand on to builds (`--build-env`). CA certificates are copied into the build's tree: the
 * file that a variable names lies on the server's machine, where a container or a sandbox does not look.
 * @param directory of the build that `files` will be in
 * @param endpoint of the server, as the build reaches it
 */
export async function networkVariables(
  { platform }: Session,
  directory: string,
  endpoint: string,
): Promise<{ variables: Record<string, string>; files: Record<string, string> }> {
  const { hostname } = new URL(endpoint);
  const hosts = ['localhost', '127.0.0.1', hostname.replace(/^\[|\]$/g, '')];
  const variables = withoutProxyFor(hosts, { ...platform.config.buildEnvironment });
  const files: Record<string, string> = {};
  for (const name of CA_FILE_VARIABLES) {
    const path = variables[name];
    if (!path) continue;
    // A path that is nothing here may be one of the image.
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const file = `${name.toLowerCase().replaceAll('_', '-')}.pem`;
    setOwn(files, file, text);
    variables[name] = `${directory}/${file}`;
  }
  return { variables, files };
}
