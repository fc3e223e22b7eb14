/** A type of which machines are made: what a container of it may take. */
export interface InstanceType {
  name: string;
  cpus: number;
  memoryMiB: number;
}

/** https://aws.amazon.com/ec2/instance-types/ */
const FAMILIES: [family: string, sizes: [size: string, cpus: number, memoryMiB: number][]][] = [
  [
    't2',
    [
      ['nano', 1, 512],
      ['micro', 1, 1024],
      ['small', 1, 2048],
      ['medium', 2, 4096],
      ['large', 2, 8192],
    ],
  ],
  [
    't3',
    [
      ['nano', 2, 512],
      ['micro', 2, 1024],
      ['small', 2, 2048],
      ['medium', 2, 4096],
      ['large', 2, 8192],
    ],
  ],
  [
    't4g',
    [
      ['nano', 2, 512],
      ['micro', 2, 1024],
      ['small', 2, 2048],
      ['medium', 2, 4096],
      ['large', 2, 8192],
    ],
  ],
  [
    'm5',
    [
      ['large', 2, 8192],
      ['xlarge', 4, 16_384],
    ],
  ],
  [
    'm7g',
    [
      ['large', 2, 8192],
      ['xlarge', 4, 16_384],
    ],
  ],
];

const ARM = ['t4g', 'm7g'];

/** Those that this machine can be: a container has the machine's own processor. */
export function instanceTypes(architecture: 'x86_64' | 'arm64'): InstanceType[] {
  return FAMILIES.filter(([family]) => ARM.includes(family) === (architecture === 'arm64')).flatMap(
    ([family, sizes]) =>
      sizes.map(([size, cpus, memoryMiB]) => ({ name: `${family}.${size}`, cpus, memoryMiB })),
  );
}

/** Of a call that names none. */
export const defaultType = (architecture: 'x86_64' | 'arm64'): string =>
  architecture === 'arm64' ? 't4g.micro' : 't2.micro';
