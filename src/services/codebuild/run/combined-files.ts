import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { zipContent } from '../../../lib/zip-content.ts';
import { openZip } from '../../../lib/zip-file.ts';
import { zipMember } from '../../../lib/zip-member.ts';
import { PhaseFailure } from '../model/build-state.ts';
import type { ArtifactFile } from './zip-files.ts';

const DEFAULT_MODE = 0o644;
/** As in a source. */
const MOST_FILES = 500_000;

/** The artifact of one build, onto the server's disk. */
export async function fetchPart(
  s3: S3Client,
  where: { Bucket: string; Key: string },
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const { Body } = await s3.send(new GetObjectCommand(where), { abortSignal: signal });
  await pipeline(Body as Readable, createWriteStream(path, { mode: 0o600 }), { signal });
}

/** All files of these ZIP files, each name once: of two files with one name that of the build that stands first. */
export async function* partFiles(
  paths: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<ArtifactFile> {
  const seen = new Set<string>();
  for (const path of paths) {
    const { zip, close } = await openZip(path).catch(damaged);
    try {
      for await (const entry of zip.eachEntry()) {
        signal.throwIfAborted();
        const { kind, path: parts, mode = DEFAULT_MODE, mtime } = zipMember(entry);
        const name = parts.join('/');
        if (kind === 'directory' || name === '' || seen.has(name)) continue;
        seen.add(name);
        if (seen.size > MOST_FILES) throw tooMany();
        const body = await zipContent(zip, entry);
        const size = entry.uncompressedSize;
        const link = kind === 'link' && { link: await text(body) };
        yield { name, size, mode, mtime, ...link, body };
      }
    } finally {
      await close();
    }
  }
}

const tooMany = () =>
  new PhaseFailure(
    'CLIENT_ERROR',
    `The artifacts of the builds have more than ${MOST_FILES} files`,
  );

function damaged(error: Error): never {
  throw new PhaseFailure('CLIENT_ERROR', `An artifact is not a valid ZIP file: ${error.message}`);
}
