import { describe, expect, test } from 'vitest';
import { seccompProgram } from './seccomp.ts';

const ALLOW = 0x7fff0000;
const EPERM = 0x00050001;

interface Asked {
  architecture: number;
  number: number;
  /** The second argument. */
  command?: bigint;
}

/** Runs the program as the kernel does; a jump out of it or a read past the data is an error. */
function answer(program: Buffer, { architecture, number, command = 0n }: Asked): number {
  const data = Buffer.alloc(64);
  data.writeInt32LE(number | 0, 0);
  data.writeUInt32LE(architecture, 4);
  data.writeBigUInt64LE(command, 24);
  let loaded = 0;
  for (let at = 0; ; at += 8) {
    const value = program.readUInt32LE(at + 4);
    const jump = (holds: boolean) => {
      at += 8 * program.readUInt8(at + (holds ? 2 : 3));
    };
    switch (program.readUInt16LE(at)) {
      case 0x20:
        loaded = data.readUInt32LE(value);
        break;
      case 0x15:
        jump(loaded === value);
        break;
      case 0x35:
        jump(loaded >= value);
        break;
      case 0x06:
        return value;
      default:
        throw new Error(`no such instruction at ${at / 8}`);
    }
  }
}

const program = seccompProgram();

// From the kernel's tables of system calls.
describe.each([
  ['x86_64', { architecture: 0xc000003e, keys: [248, 249, 250], ioctl: 16, others: [0, 59, 435] }],
  ['i386', { architecture: 0x40000003, keys: [286, 287, 288], ioctl: 54, others: [11, 16, 248] }],
  ['aarch64', { architecture: 0xc00000b7, keys: [217, 218, 219], ioctl: 29, others: [221, 54] }],
  ['arm', { architecture: 0x40000028, keys: [309, 310, 311], ioctl: 54, others: [11, 29, 217] }],
])('%s', (_name, { architecture, keys, ioctl, others }) => {
  const of = (number: number, command?: bigint) =>
    answer(program, { architecture, number, command });

  test('keyrings are refused', () => {
    expect(keys.map((number) => of(number))).toEqual([EPERM, EPERM, EPERM]);
  });

  test.each([0x5412n, 0x541cn, 0xffffffff00005412n])('the ioctl %d is refused', (command) => {
    expect(of(ioctl, command)).toBe(EPERM);
  });

  test.each([0x5401n, 0x5413n, 0x541200000000n, 0n])('the ioctl %d goes on', (command) => {
    expect(of(ioctl, command)).toBe(ALLOW);
  });

  test('all else goes on, also with a like argument', () => {
    expect(others.map((number) => of(number, 0x5412n))).toEqual(others.map(() => ALLOW));
  });
});

test.each([0x40000000, 0x40000000 + 250, 0x40000000 + 514, 0xffffffff])(
  'the number %d, of the x32 ABI on x86_64, is refused',
  (number) => {
    expect(answer(program, { architecture: 0xc000003e, number })).toBe(EPERM);
  },
);

test.each([0xc00000f3, 0x80000016, 0xc0000015, 0])(
  'calls of architecture %d are refused',
  (architecture) => {
    expect(answer(program, { architecture, number: 1 })).toBe(EPERM);
  },
);
