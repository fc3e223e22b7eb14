import type { IOType } from 'node:child_process';
import { openSync, readdirSync, readFileSync } from 'node:fs';

/** In /proc/PID/fdinfo flags are octal; what has this one does not pass to programs that are started. */
const O_CLOEXEC = 0o2000000;

let inherited: number[] | undefined;
let nothing = 0;

/**
 * `stdio` of a child that runs what others wrote: the descriptors that this process was itself started with (a lock of
 * `flock`, a log of a supervisor) are /dev/null to it. They stay open here, where they may hold that lock. What Node
 * opens never passes on, and on macOS nothing does.
 */
export function sealed(stdio: [IOType, IOType, IOType]): (IOType | number)[] {
  inherited ??= passedOn();
  const all: (IOType | number)[] = [...stdio];
  if (inherited.length > 0) nothing ||= openSync('/dev/null', 'r+');
  for (const descriptor of inherited) {
    while (all.length < descriptor) all.push('ignore');
    all[descriptor] = nothing;
  }
  return all;
}

function passedOn(): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((descriptor) => descriptor > 2 && isPassedOn(descriptor))
    .sort((a, b) => a - b);
}

function isPassedOn(descriptor: number): boolean {
  try {
    const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8');
    const flags = /^flags:\s*([0-7]+)/m.exec(info)?.[1] ?? '';
    return (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    // The one that the list itself was read by.
    return false;
  }
}
