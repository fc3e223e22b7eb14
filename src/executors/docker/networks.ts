import type Docker from 'dockerode';
import { CONFLICT, ignoring, LABEL, MISSING } from './engine.ts';

/** The engine's answer for a network with ends. */
const IN_USE = 403;

export async function haveNetwork(docker: Docker, name: string): Promise<void> {
  const there = await ignoring([MISSING], docker.getNetwork(name).inspect());
  if (there) return;
  const options = {
    ...{ Name: name, CheckDuplicate: true, Driver: 'bridge' },
    Labels: { [LABEL]: name },
  };
  await ignoring([CONFLICT], docker.createNetwork(options));
}

/** Unless a container names it: one that has not been started is no end of its network for the engine. */
export async function removeNetwork(docker: Docker, name: string): Promise<void> {
  const filters = JSON.stringify({ network: [name] });
  const users = await docker.listContainers({ all: true, filters });
  if (users.length > 0) return;
  // Somebody may have come meanwhile.
  await ignoring([MISSING, IN_USE, CONFLICT], docker.getNetwork(name).remove());
}
