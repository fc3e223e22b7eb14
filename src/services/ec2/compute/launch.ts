import { Readable } from 'node:stream';
import { pack as newPack } from 'tar-stream';
import type { WorkSpec } from '../../../executors/executor.ts';
import type { Platform } from '../../../kit/service.ts';
import { BOOT, METADATA_ADDRESS, ROOT, SERVER_PORT, TOOLS } from '../model/boot.ts';
import { architectureOf } from '../model/images.ts';
import type { Instance } from '../model/instance.ts';
import { instanceTypes } from '../model/instance-types.ts';
import { readUserData } from '../model/user-data.ts';
import { haveTools } from './tools.ts';

const MEBIBYTE = 1024 * 1024;

/** The container that an instance is. */
export function specOf({ id, accountId, region, body }: Instance): WorkSpec {
  const type = instanceTypes(architectureOf(process.arch)).find(({ name }) => name === body.type);
  return {
    id: body.place.work,
    command: (root) => ['/bin/sh', `${root}/boot.sh`],
    // No region: as on EC2, programs learn it of the metadata.
    environment: { INSTANCE_ID: id, AWS_ENDPOINT_URL: `http://127.0.0.1:${SERVER_PORT}` },
    image: body.image,
    rootDirectory: ROOT,
    ...(type && { memoryBytes: type.memoryMiB * MEBIBYTE, cpus: type.cpus }),
    mounts: [{ volume: body.place.tools, path: TOOLS, readOnly: true }],
    network: body.place.network,
    machine: { linkLocal: METADATA_ADDRESS },
    labels: { 'slipway.instance': id, 'slipway.account': accountId, 'slipway.region': region },
  };
}

/** Brings an instance up, for the first time or again. @returns where it is, once its first program runs */
export async function launch(
  platform: Platform,
  instance: Instance,
): Promise<{ handle: string; address: string | undefined }> {
  const { executors } = platform;
  const { handle: known, body } = instance;
  if (known !== undefined) {
    await executors.start(known);
    return { handle: known, address: (await executors.attach(known)).address };
  }
  // Its container first: that keeps the volume.
  const handle = await executors.prepare(specOf(instance));
  await haveTools(platform, handle, body.place.tools);
  if ((await executors.attach(handle)).state === 'prepared')
    await executors.copyIn(handle, ROOT, filesOf(instance));
  await executors.start(handle);
  return { handle, address: (await executors.attach(handle)).address };
}

/** Nothing secret is in it: the role's credentials come by the metadata alone. */
function filesOf({ body }: Instance): Readable {
  const pack = newPack();
  pack.entry({ name: 'boot.sh', mode: 0o755 }, BOOT);
  if (body.key) pack.entry({ name: 'authorized_key', mode: 0o644 }, `${body.key.line}\n`);
  const data = body.userData === undefined ? undefined : readUserData(body.userData);
  if (data?.kind === 'script') pack.entry({ name: 'user-data', mode: 0o700 }, data.bytes);
  pack.finalize();
  return Readable.from(pack);
}
