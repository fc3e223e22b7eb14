import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { pack as newPack } from 'tar-stream';
import { packed } from '../tree-tar.ts';
import { tarOfFiles } from './archives.ts';
import { NO_COPY } from './container.ts';
import { createOnce } from './create.ts';
import { CONFLICT, ignoring, LABEL, MISSING } from './engine.ts';
import { putBelow } from './put-below.ts';

/** Where the container that fills a volume has it. */
const AT = '/volume';
/** Comes last: what has it has all of the rest. */
const FILLED = '.slipway-filled';

const fillerOf = (volume: string): string => `${volume}-fill`;

/**
 * Fills a volume, through a container that never runs and has nothing of any image: what is in the volume is what is brought, and
 * nobody's else. The container stays as long as the volume, so that a fill which a crash has interrupted is found again by its name,
 * and nothing but `removeVolume` takes the volume away.
 */
export async function fillVolume(
  docker: Docker,
  volume: string,
  files: () => Promise<Readable>,
): Promise<void> {
  const container = await haveFiller(docker, volume);
  if (await has(container, `${AT}/${FILLED}`)) return;
  await putBelow(container, AT, await files());
  await putBelow(container, AT, tarOfFiles({ [FILLED]: '' }));
}

/** @throws while work has it */
export async function removeVolume(docker: Docker, volume: string): Promise<void> {
  const filler = docker.getContainer(fillerOf(volume));
  const info = await ignoring([MISSING], filler.inspect());
  if (info) {
    await ignoring([MISSING, CONFLICT], filler.remove({ force: true }));
    await ignoring([MISSING, CONFLICT], docker.getImage(info.Image).remove());
  }
  await ignoring([MISSING], docker.getVolume(volume).remove());
}

async function haveFiller(docker: Docker, volume: string): Promise<Docker.Container> {
  const container = docker.getContainer(fillerOf(volume));
  if (await ignoring([MISSING], container.inspect())) return container;
  const Image = await emptyImage(docker);
  const configuration: Docker.ContainerCreateOptions = {
    ...{ name: fillerOf(volume), Image, Cmd: ['/nothing'] },
    Labels: { [LABEL]: fillerOf(volume) },
    HostConfig: {
      NetworkMode: 'none',
      Mounts: [{ Type: 'volume', Source: volume, Target: AT, VolumeOptions: NO_COPY }],
    },
  };
  const isThere = async () => (await ignoring([MISSING], container.inspect())) !== undefined;
  let made = false;
  try {
    made = await createOnce(docker, configuration, isThere);
  } finally {
    if (!made) await ignoring([MISSING, CONFLICT], docker.getImage(Image).remove());
  }
  return container;
}

/** Without a name, under which somebody could put another one. @returns its id */
async function emptyImage(docker: Docker): Promise<string> {
  const pack = newPack();
  pack.finalize();
  const answer = (await docker.importImage(packed(pack))) as unknown as Readable;
  const said = await text(answer);
  const [id] = /sha256:[0-9a-f]{64}/.exec(said) ?? [];
  if (!id) throw new Error(`the Docker Engine has made no empty image: ${said.slice(0, 200)}`);
  return id;
}

const has = async (container: Docker.Container, path: string): Promise<boolean> =>
  (await ignoring([MISSING], container.infoArchive({ path }))) !== undefined;
