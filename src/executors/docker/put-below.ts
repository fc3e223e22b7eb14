import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { archiveBelow } from './archives.ts';

/** Puts an archive below a directory of a container, an absolute one. @throws what broke the archive, where that was it */
export async function putBelow(
  container: Docker.Container,
  directory: string,
  tar: Readable,
): Promise<void> {
  tar.once('error', () => {});
  // A source that breaks would leave the engine waiting for the rest.
  const broken = new AbortController();
  const placed = archiveBelow(tar, directory);
  placed.once('error', (error) => broken.abort(error));
  const options = { path: '/', noOverwriteDirNonDir: 'true', abortSignal: broken.signal };
  try {
    await container.putArchive(placed, options);
  } catch (error) {
    throw broken.signal.aborted ? broken.signal.reason : error;
  } finally {
    // Of what nobody reads any more.
    placed.destroy();
    tar.destroy();
  }
}
