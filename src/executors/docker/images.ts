import type Docker from 'dockerode';
import { ImagePullError, type RegistryCredentials } from '../executor.ts';
import { MISSING, refusalOf, statusOf } from './engine.ts';

/** Whether the engine has an image, without pulling it. */
export async function hasImage(docker: Docker, image: string): Promise<boolean> {
  try {
    await docker.getImage(image).inspect();
    return true;
  } catch (error) {
    if (statusOf(error) !== MISSING) throw error;
    return false;
  }
}

/**
 * Has the engine pull an image, as far as the server wants that. A digest says which image it is: what is there is that one.
 * @throws ImagePullError
 */
export async function haveImage(
  docker: Docker,
  image: string,
  {
    pull,
    credentials,
  }: { pull: 'missing' | 'always' | 'never'; credentials: RegistryCredentials | undefined },
): Promise<void> {
  const there = await hasImage(docker, image);
  if (there && (pull !== 'always' || image.includes('@sha256:'))) return;
  if (pull === 'never' && !there)
    throw new ImagePullError(`${image} is not here, and this server pulls no images`);
  try {
    const authconfig = credentials && { ...credentials, serveraddress: registryOf(image) };
    const progress = await docker.pull(image, authconfig ? { authconfig } : {});
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
    });
  } catch (error) {
    if (pull !== 'always' && (await hasImage(docker, image))) return;
    throw isEngineFault(error)
      ? error
      : new ImagePullError(refusalOf(error) ?? (error as Error).message);
  }
}

/** The digest of a container's image under its name, or the image's own where no registry has it. */
export async function digestOf(docker: Docker, container: Docker.Container): Promise<string> {
  const { Image, Config } = await container.inspect();
  // One that was tagged anew has gone by its name only.
  const { RepoDigests = [] } = await docker.getImage(Image).inspect();
  const repository = (Config.Image ?? '').replace(/(@.*|:[^/:]*)$/, '');
  const named = RepoDigests.find((each) => each.startsWith(`${repository}@`));
  return named?.slice(repository.length + 1) ?? Image;
}

/** The host in an image's name, as the engine reads it; the rest are Docker Hub's. */
function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const host = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return host ? first : 'https://index.docker.io/v1/';
}

/** No fault of the image's: the engine went away, or its machine has run out of something. An engine answers 500 for a registry that is away, too. */
function isEngineFault(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return (
    code !== undefined || /too many open files|no space left|cannot allocate memory/i.test(message)
  );
}
