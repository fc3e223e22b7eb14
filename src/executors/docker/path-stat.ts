import type { IncomingMessage } from 'node:http';
import type Docker from 'dockerode';
import { MISSING } from './engine.ts';

/** The bit of Go's FileMode that says directory. */
const DIRECTORY_BIT = 2 ** 31;

/** What the engine says of a path of a container. */
export interface PathStat {
  directory: boolean;
  /** Of a symbolic link: what it leads to in the end, in the container's own file system; else empty. */
  linkTarget: string;
}

/** Undefined when there is nothing. */
export async function statOf(
  container: Docker.Container,
  path: string,
): Promise<PathStat | undefined> {
  let answer: IncomingMessage;
  try {
    answer = (await container.infoArchive({ path })) as unknown as IncomingMessage;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode !== MISSING) throw error;
    return undefined;
  }
  // All of it is in the headers; but what is never read keeps its connection for good.
  answer.resume();
  const header = String(answer.headers['x-docker-container-path-stat'] ?? '');
  const { mode, linkTarget } = JSON.parse(Buffer.from(header, 'base64').toString());
  return { directory: Math.floor(mode / DIRECTORY_BIT) % 2 === 1, linkTarget };
}
