import { derivedId } from './ids.ts';

/** An AMI: a container image under an id. */
export interface Image {
  id: string;
  name: string;
  description?: string;
  /** The container image, as the Docker Engine takes it. */
  location: string;
  /** The account that it is of. */
  owner: string;
  alias?: 'amazon';
  /** ISO 8601. */
  createdAt: string;
  public: boolean;
}

/** AWS's own account for Amazon Linux, Canonical's, and Debian's: lookups of CDK and Terraform name them. */
const AMAZON = '137112412989';
const CANONICAL = '099720109477';
const DEBIAN = '136693071363';
/** The day that public images are of here, so that a lookup of the most recent one says the same every time. */
const DAY = '2026-01-01T00:00:00.000Z';

/** Names in the form of AWS's, each with the container image that stands for it. */
const PUBLIC = [
  ['al2023-ami-2023.0.20260101.0-kernel-6.1', AMAZON, 'amazonlinux:2023', 'Amazon Linux 2023'],
  [
    'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-{arch}-server-20260101',
    ...[CANONICAL, 'ubuntu:24.04', 'Ubuntu 24.04'],
  ],
  [
    'ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-{arch}-server-20260101',
    ...[CANONICAL, 'ubuntu:22.04', 'Ubuntu 22.04'],
  ],
  ['debian-12-{arch}-20260101-0001', DEBIAN, 'debian:12', 'Debian 12'],
] as const;

export type Architecture = 'x86_64' | 'arm64';

/** As AWS calls what Node calls x64. */
export const architectureOf = (arch: string): Architecture =>
  arch === 'arm64' ? 'arm64' : 'x86_64';

/** The images that every account has. */
export function publicImages(region: string, architecture: Architecture): Image[] {
  const suffix = architecture === 'arm64' ? 'arm64' : 'amd64';
  return PUBLIC.map(([pattern, owner, location, description]) => {
    const base = pattern.replace('{arch}', suffix);
    const name = owner === AMAZON ? `${base}-${architecture}` : base;
    return {
      ...{ id: derivedId('ami', region, name), name, description, location, owner },
      ...(owner === AMAZON && { alias: 'amazon' as const }),
      ...{ createdAt: DAY, public: true },
    };
  });
}

/** An image of a registry, as the Docker Engine takes it: bounded, and nothing that a command or a path could be made of. */
const LOCATION = /^[a-z0-9][a-zA-Z0-9._:/-]{0,254}(?:@sha256:[0-9a-f]{64})?$/;

export const isLocation = (text: string): boolean => LOCATION.test(text) && !text.includes('..');

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterImage.html */
const NAME = /^[a-zA-Z0-9()[\] ./'@_-]{3,128}$/;

export const isImageName = (text: string): boolean => NAME.test(text);
