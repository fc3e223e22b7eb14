import { clean } from '../../../git/commit-writer.ts';
import type { Signature } from '../../../git/git-host.ts';
import type { ServiceContext } from '../../../kit/service.ts';

/** Who makes a commit, now (CC-MRG-08): what is left of a name that holds nothing that a commit can have is none. */
export function personOf(
  { principal, clock }: Pick<ServiceContext, 'principal' | 'clock'>,
  { name = '', email = '' }: { name?: string | undefined; email?: string | undefined },
): Signature {
  const seconds = Math.floor(clock.now().getTime() / 1000);
  return { name: clean(name) || principal.arn, email, date: `${seconds} +0000` };
}

/** A message as a commit can have it: empty where nothing is left. */
export const messageOf = (text = ''): string => text.replaceAll('\0', '');
