import { readFile } from 'node:fs/promises';
import type Docker from 'dockerode';

/** In the order of linux/capability.h, without `CAP_`. */
const CAPABILITIES = [
  ...['CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID'],
  ...['SETPCAP', 'LINUX_IMMUTABLE', 'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_ADMIN', 'NET_RAW'],
  ...['IPC_LOCK', 'IPC_OWNER', 'SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT', 'SYS_PTRACE', 'SYS_PACCT'],
  ...['SYS_ADMIN', 'SYS_BOOT', 'SYS_NICE', 'SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD'],
  ...['LEASE', 'AUDIT_WRITE', 'AUDIT_CONTROL', 'SETFCAP', 'MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG'],
  ...['WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ', 'PERFMON', 'BPF', 'CHECKPOINT_RESTORE'],
];
const ENGINE = 'dockerd';
const BOUNDING_SET = /^CapBnd:\s*([0-9a-f]{1,16})$/m;
const NAME = /^Name:\s*(.+)$/m;

/** Where an engine of this machine says which process it is, and the kernel what that may do. */
export interface EnginePlaces {
  pidFile: string;
  proc: string;
}
const PLACES: EnginePlaces = { pidFile: '/var/run/docker.pid', proc: '/proc' };

/**
 * The capabilities that the kernel has and the engine may not give, as it has not got them itself: one in a container or a small
 * virtual machine. It then starts nothing that is to have all of them, which `Privileged` means. None of an engine that is
 * no process of this machine.
 */
export async function lackedByEngine({ pidFile, proc } = PLACES): Promise<string[]> {
  try {
    const pid = Number.parseInt(await readFile(pidFile, 'utf8'), 10);
    const status = await readFile(`${proc}/${pid}/status`, 'utf8');
    // Of an engine that has ended somebody else may have the number.
    if (NAME.exec(status)?.[1] !== ENGINE) return [];
    const last = Number.parseInt(await readFile(`${proc}/sys/kernel/cap_last_cap`, 'utf8'), 10);
    const bounds = BigInt(`0x${BOUNDING_SET.exec(status)?.[1]}`);
    return CAPABILITIES.filter((_, at) => at <= last && ((bounds >> BigInt(at)) & 1n) === 0n);
  } catch {
    return [];
  }
}

/** What makes a container privileged where the engine lacks these capabilities: the rest of them, and the rest of what `Privileged` is. */
export function privilegedWithout(lacked: string[]): Docker.HostConfig {
  if (lacked.length === 0) return { Privileged: true };
  return {
    // An engine may not know all that its kernel has.
    ...{ CapAdd: ['ALL'], CapDrop: lacked },
    SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined', 'label=disable'],
    DeviceCgroupRules: ['a *:* rwm'],
    MaskedPaths: [],
    ReadonlyPaths: [],
  };
}
