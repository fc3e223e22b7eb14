import type { Finding, LintFile, Verdict } from '../../../kit/lint/lint.ts';
import {
  entryOf,
  type FilePlace,
  type Located,
  NotReadable,
  placeOf,
  pointerOf,
  START,
} from '../../../lib/located.ts';
import { type AppSpec, type AppSpecPath, parseAppSpec } from '../../../lib/server-appspec/parse.ts';
import {
  ALLOW_EVENTS,
  BLOCK_EVENTS,
  INSTALL_EVENTS,
  isTrafficEvent,
  RUN_TIMEOUT_MS,
} from '../model/lifecycle.ts';

/** What a lifecycle event fails with whose agent cannot follow the AppSpec. */
const CODE = 'UnknownError';

type Key = string | number;

/** Judges an AppSpec for servers as the agent reads it on each host, which is as the official one does. */
export function lintServerSpec(file: LintFile): Verdict {
  const root = documentOf(file);
  const findings: Finding[] = [];
  const add = (severity: Finding['severity'], code: string, message: string, path: AppSpecPath) => {
    const at = root ? placeOf(root, path) : START;
    const said = findings.some((one) => one.message === message && same(one.at, at));
    if (!said) findings.push({ severity, code, message, at, pointer: pointerOf(path) });
  };
  const spec = parseAppSpec(file.text, ({ message }, path) => add('error', CODE, message, path));
  if (root) {
    for (const { message, path } of unread(root)) add('warning', 'Ignored', message, path);
    for (const { message, path } of octal(root)) add('warning', 'NotOctal', message, path);
  }
  for (const { message, path } of tooLong(spec)) add('warning', 'TooLong', message, path);
  return { definitions: 1, findings };
}

const same = (a: FilePlace, b: FilePlace) => a.line === b.line && a.column === b.column;

/** Undefined where the parser says why there is none. */
function documentOf(file: LintFile): Located | undefined {
  try {
    return file.document();
  } catch (error) {
    if (error instanceof NotReadable) return undefined;
    throw error;
  }
}

interface Doubt {
  message: string;
  path: Key[];
}

const SECTIONS = ['version', 'os', 'files', 'permissions', 'hooks', 'file_exists_behavior'];
const SCRIPTED: readonly string[] = [...BLOCK_EVENTS, ...INSTALL_EVENTS, ...ALLOW_EVENTS].filter(
  (name) => !isTrafficEvent(name) && name !== 'DownloadBundle' && name !== 'Install',
);

/** What the agent does not look at. */
function unread(root: Located): Doubt[] {
  if (root.kind !== 'map') return [];
  return root.entries.flatMap(({ key, value }) => {
    if (!SECTIONS.includes(key))
      return [
        { message: `The agent does not read ${key}: it knows ${list(SECTIONS)}`, path: [key] },
      ];
    if (key !== 'hooks' || value.kind !== 'map') return [];
    return value.entries
      .filter((hook) => !SCRIPTED.includes(hook.key))
      .map((hook) => ({
        message: `No lifecycle event runs the scripts of ${hook.key}: those that run scripts are ${list(SCRIPTED)}`,
        path: [key, hook.key],
      }));
  });
}

const list = (names: readonly string[]) => names.join(', ');

/** YAML 1.1 reads 0644 as the number 420, and the agent sets what it reads. */
function octal(root: Located): Doubt[] {
  return items(root, 'permissions').flatMap((entry, index) => {
    const mode = entryOf(entry, 'mode')?.value;
    if (mode?.kind !== 'scalar' || !mode.plain || !/^0[0-7]+$/.test(mode.text)) return [];
    const meant = Number.parseInt(mode.text, 8);
    const message = `The agent reads mode ${mode.text} as the number ${meant} and sets mode ${meant}: put it in quotes, or leave the 0 out`;
    return [{ message, path: ['permissions', index, 'mode'] }];
  });
}

function items(root: Located, key: string): Located[] {
  const value = entryOf(root, key)?.value;
  return value?.kind === 'list' ? value.items : [];
}

/** All scripts of an event together have its time. */
function tooLong({ hooks }: AppSpec): Doubt[] {
  const most = RUN_TIMEOUT_MS / 1000;
  return [...hooks].flatMap(([event, scripts]) => {
    const seconds = scripts.reduce((sum, { timeout }) => sum + timeout, 0);
    // One script that says nothing has all of it.
    if (scripts.length < 2 || scripts.every(({ timeout }) => timeout === most) || seconds <= most)
      return [];
    const message = `The scripts of ${event} may take ${seconds} seconds, and the event fails after ${most}`;
    return [{ message, path: ['hooks', event] }];
  });
}
