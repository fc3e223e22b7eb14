// What work may not ask of the kernel, as a program of classic BPF for seccomp(2)
// (https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html).
//
// Keyrings are no part of any namespace: a sandbox has the session keyring of whoever made it. And what is typed into a
// terminal by TIOCSTI or TIOCLINUX is read by the shell outside.

const EPERM = 1;
const ALLOW = 0x7fff0000;
const REFUSE = 0x00050000 | EPERM;

/** Offsets in struct seccomp_data. Of the 64 bits of an argument the kernel takes the low half for an ioctl's command. */
const NUMBER = 0;
const ARCHITECTURE = 4;
const COMMAND = 24;

const LOAD = 0x20;
const IF_EQUAL = 0x15;
const IF_AT_LEAST = 0x35;
const RETURN = 0x06;

const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
const X32_BIT = 0x40000000;

interface Architecture {
  /** AUDIT_ARCH_… of linux/audit.h. */
  audit: number;
  /** add_key, request_key, keyctl. */
  keys: number[];
  ioctl: number;
  /** Numbers from here on are another ABI's. */
  below?: number;
}

/** By Node's names. A kernel of 64 bits also runs programs of its 32-bit sibling. */
const ARCHITECTURES: Record<string, Architecture> = {
  x64: { audit: 0xc000003e, keys: [248, 249, 250], ioctl: 16, below: X32_BIT },
  ia32: { audit: 0x40000003, keys: [286, 287, 288], ioctl: 54 },
  arm64: { audit: 0xc00000b7, keys: [217, 218, 219], ioctl: 29 },
  arm: { audit: 0x40000028, keys: [309, 310, 311], ioctl: 54 },
};

/** Those whose calls the filter knows; of another one it refuses every call. */
export const FILTERED_ARCHITECTURES = Object.keys(ARCHITECTURES);

interface Instruction {
  code: number;
  value: number;
  /** How many instructions to skip. */
  then: number;
  otherwise: number;
}

const step = (code: number, value: number, then = 0, otherwise = 0): Instruction => ({
  code,
  value,
  then,
  otherwise,
});

/**
 * The filter: add_key, request_key, keyctl and the two ioctls get EPERM, and so does every call of an architecture that
 * it does not know. @returns an array of struct sock_filter, little-endian as all these architectures are
 */
export function seccompProgram(): Buffer {
  const program = [
    step(LOAD, ARCHITECTURE),
    ...Object.values(ARCHITECTURES).flatMap(partOf),
    step(RETURN, REFUSE),
  ];
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, { code, value, then, otherwise }] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(then, index * 8 + 2);
    bytes.writeUInt8(otherwise, index * 8 + 3);
    bytes.writeUInt32LE(value, index * 8 + 4);
  }
  return bytes;
}

/** What is for one architecture; another one's calls go on behind it with the architecture still loaded. */
function partOf({ audit, keys, ioctl, below }: Architecture): Instruction[] {
  const refused = [
    ...(below === undefined ? [] : [{ code: IF_AT_LEAST, value: below }]),
    ...keys.map((value) => ({ code: IF_EQUAL, value })),
  ];
  const commands = [TIOCSTI, TIOCLINUX];
  // Behind the refused numbers: is it ioctl, its command, the commands, allow, refuse.
  const behind = 1 + 1 + commands.length + 1;
  const body = [
    step(LOAD, NUMBER),
    ...refused.map(({ code, value }, index) =>
      step(code, value, refused.length - index - 1 + behind),
    ),
    step(IF_EQUAL, ioctl, 0, 1 + commands.length),
    step(LOAD, COMMAND),
    ...commands.map((value, index) => step(IF_EQUAL, value, commands.length - index)),
    step(RETURN, ALLOW),
    step(RETURN, REFUSE),
  ];
  return [step(IF_EQUAL, audit, 0, body.length), ...body];
}
