import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** What a server writes to server.json in its data directory. */
export interface ServerFile {
  endpoint: string;
  region: string;
  accountId: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** The data directory that a command is for. @param given by `--data` */
export function dataDirOf(given: string | undefined, environment: NodeJS.ProcessEnv): string {
  return resolve(given ?? environment.SLIPWAY_DATA ?? '.slipway');
}

/** Where the directory's server is and by what key it is used; undefined when none has run on it. */
export function readServerFile(dataDir: string): ServerFile | undefined {
  const file = join(dataDir, 'server.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

export const noServer = (dataDir: string) =>
  `no server has run on ${dataDir}: start one with "slipway up --data ${dataDir}"`;

export const noAnswer = (endpoint: string, dataDir: string) =>
  `the server at ${endpoint} does not answer: if it is stopped, start it with "slipway up --data ${dataDir}" and the flags that it had`;
