import type Docker from 'dockerode';
import { CONFLICT, ignoring, LABEL, MISSING } from './engine.ts';

/** The engine's answer for a network with ends. */
const IN_USE = 403;

/** By engine and name: those that are being made. */
const making = new WeakMap<Docker, Map<string, Promise<void>>>();

/** An engine makes two networks of one name for two who ask at once, and then takes the name for neither. */
export function haveNetwork(docker: Docker, name: string): Promise<void> {
  const here = making.get(docker) ?? new Map<string, Promise<void>>();
  making.set(docker, here);
  const known = here.get(name);
  if (known) return known;
  const made = make(docker, name).finally(() => here.delete(name));
  here.set(name, made);
  return made;
}

async function make(docker: Docker, name: string): Promise<void> {
  if ((await named(docker, name)).length === 1) return;
  const options = {
    ...{ Name: name, CheckDuplicate: true, Driver: 'bridge' },
    Labels: { [LABEL]: name },
  };
  await ignoring([CONFLICT], docker.createNetwork(options));
  // Another server may have done so too: all who see several leave the same one.
  const [, ...others] = await named(docker, name);
  for (const { Id } of others)
    await ignoring([MISSING, IN_USE, CONFLICT], docker.getNetwork(Id).remove());
}

/** The networks of exactly this name, the oldest first. */
async function named(docker: Docker, name: string): Promise<Docker.NetworkInspectInfo[]> {
  const all = await docker.listNetworks({ filters: JSON.stringify({ name: [name] }) });
  const orderOf = ({ Created, Id }: Docker.NetworkInspectInfo) => `${Created} ${Id}`;
  return all.filter(({ Name }) => Name === name).sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
}

/** Unless a container names it: one that has not been started is no end of its network for the engine. */
export async function removeNetwork(docker: Docker, name: string): Promise<void> {
  const filters = JSON.stringify({ network: [name] });
  const users = await docker.listContainers({ all: true, filters });
  if (users.length > 0) return;
  // Somebody may have come meanwhile.
  for (const { Id } of await named(docker, name))
    await ignoring([MISSING, IN_USE, CONFLICT], docker.getNetwork(Id).remove());
}
