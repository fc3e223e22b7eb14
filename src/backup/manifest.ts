import { createHmac, timingSafeEqual } from 'node:crypto';
import { isKeyFile } from '../lib/key-files.ts';
import { StartError } from '../lib/start-error.ts';

/** The last file of a backup: without it there is none. */
export const MANIFEST = 'manifest.json';
/** All other files, a line of JSON each. */
export const FILES = 'files.jsonl';

export const FORMAT = 1;

/** A file of a backup, and what has to be in it. */
export interface BackupFile {
  path: string;
  size: number;
  sha256: string;
}

export interface Manifest {
  format: number;
  /** ISO 8601. */
  made: string;
  /** Steps of the schema that the database had behind it. */
  steps: string[];
  /** Whether master.key and the accounts' keys are in it. */
  keys: boolean;
  files: { count: number; bytes: number; sha256: string };
}

/** What a path of a backup is. */
export type Kind = 'key' | 'table' | 'blob' | 'repository';

/** What there is in a backup beside keys, and nothing else: none of these leads out of a directory. */
const KINDS: [Kind, RegExp][] = [
  ['table', /^database\/[a-z][a-z0-9_]{0,62}\.jsonl$/],
  ['blob', /^blobs\/[a-z0-9-]{1,64}\/([0-9a-f]{2})\/\1[0-9a-f]{30}$/],
  ['repository', /^repositories\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tar$/],
];

/** @throws StartError for a path that no backup has */
export function kindOf(path: string): Kind {
  if (path.startsWith('keys/') && isKeyFile(path.slice('keys/'.length))) return 'key';
  const found = KINDS.find(([, pattern]) => pattern.test(path));
  if (!found) throw damaged(`it names ${JSON.stringify(path.slice(0, 200))}`);
  return found[0];
}

export const damaged = (why: string) =>
  new StartError(`The backup is not whole, or was changed: ${why}. Nothing was restored.`);

/** The manifest's text, under the master key: who has not got that cannot make one that passes. */
export function writeManifest(manifest: Manifest, masterKey: Uint8Array): string {
  const text = JSON.stringify(manifest);
  return `${JSON.stringify({ manifest: text, hmac: hmacOf(text, masterKey) })}\n`;
}

/** @throws StartError where it is none that this version can read */
export function readManifest(text: string): {
  manifest: Manifest;
  /** @throws StartError where it was not made under this key */
  check(masterKey: Uint8Array): void;
} {
  const outer = parsed(text);
  const inner = typeof outer?.manifest === 'string' ? outer.manifest : '';
  const hmac = typeof outer?.hmac === 'string' ? outer.hmac : '';
  const manifest = parsed(inner) as Partial<Manifest> | undefined;
  if (!manifest || !/^[0-9a-f]{64}$/.test(hmac)) throw damaged(`${MANIFEST} is none`);
  if (manifest.format !== FORMAT)
    throw new StartError(
      `The backup has format ${Number(manifest.format)}: this version reads ${FORMAT}.`,
    );
  if (!isManifest(manifest)) throw damaged(`${MANIFEST} is none`);
  return {
    manifest,
    check(masterKey) {
      if (!timingSafeEqual(Buffer.from(hmacOf(inner, masterKey)), Buffer.from(hmac)))
        throw damaged(`${MANIFEST} was not written under this master.key`);
    },
  };
}

function isManifest(given: Partial<Manifest>): given is Manifest {
  const { steps, keys, made, files } = given;
  return (
    Array.isArray(steps) &&
    steps.every((step) => typeof step === 'string') &&
    typeof keys === 'boolean' &&
    typeof made === 'string' &&
    Number.isSafeInteger(files?.count) &&
    Number.isSafeInteger(files?.bytes) &&
    typeof files?.sha256 === 'string'
  );
}

/** One line of FILES. @throws StartError */
export function readFileLine(line: string): BackupFile & { kind: Kind } {
  const { path, size, sha256 } = (parsed(line) ?? {}) as Partial<BackupFile>;
  const whole =
    typeof path === 'string' && typeof sha256 === 'string' && Number.isSafeInteger(size);
  if (!whole || (size ?? -1) < 0) throw damaged(`a line of ${FILES} is none`);
  return { path, size: size as number, sha256, kind: kindOf(path) };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const hmacOf = (text: string, masterKey: Uint8Array) =>
  createHmac('sha256', masterKey).update('slipway-backup:').update(text).digest('hex');
