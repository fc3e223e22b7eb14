import { chown, lchown, lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where AWS's platforms have an application, and what is made ready before it takes its place. */
export const CURRENT = '/var/app/current';
export const STAGING = '/var/app/staging';
export const BUNDLE = '/opt/elasticbeanstalk/deployment/app_source_bundle';
export const STATE = '/opt/elasticbeanstalk/deployment/state.json';
/** What runs: after a start that has not ended it. */
export const PIDS = '/run/elasticbeanstalk-processes.json';
export const LOGS = '/var/log';
/** As AWS's: the user that applications run as. */
export const WEBAPP = 900;
export const PATH = '/opt/slipway/bin:/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin';

/** The user is there. */
export async function haveUser(): Promise<void> {
  const file = '/etc/passwd';
  const text = await readFile(file, 'utf8').catch(() => '');
  if (!/^webapp:/m.test(text))
    await writeFile(file, `${text}webapp:x:${WEBAPP}:${WEBAPP}::/home/webapp:/bin/sh\n`);
  const groups = await readFile('/etc/group', 'utf8').catch(() => '');
  if (!/^webapp:/m.test(groups)) await writeFile('/etc/group', `${groups}webapp:x:${WEBAPP}:\n`);
  await mkdir('/home/webapp', { recursive: true });
  await chown('/home/webapp', WEBAPP, WEBAPP);
}

/**
 * A tree of what was unpacked becomes the user's; links are not followed. A directory after what is in it: the version that still
 * runs has the same user, and could put a link in the place of what comes next.
 */
export async function giveTree(path: string): Promise<void> {
  if ((await lstat(path)).isDirectory())
    for (const name of await readdir(path)) await giveTree(join(path, name));
  await lchown(path, WEBAPP, WEBAPP);
}
