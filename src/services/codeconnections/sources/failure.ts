import { AwsError } from '../../../aws/errors.ts';
import { GitLimitError } from '../../../git/bounds.ts';
import { GitError } from '../../../git/process.ts';
import { OutboundFailed } from '../../../network/outbound.ts';
import { gitFailure } from '../model/failures.ts';
import { RemoteRefused } from './remote.ts';

export interface SourceFailure {
  code: string;
  message: string;
  /** It may be better in a while. */
  passes: boolean;
}

/** Why a repository elsewhere could not be read; undefined for what is no failure of it. */
export function sourceFailure(error: unknown): SourceFailure | undefined {
  if (error instanceof RemoteRefused)
    return { code: 'ConnectionUnusable', message: error.message, passes: false };
  if (error instanceof OutboundFailed)
    return { code: 'ProviderUnavailable', message: error.message, passes: true };
  if (error instanceof GitLimitError)
    return { code: 'SourceTooLarge', message: `Too large: ${error.message}`, passes: false };
  if (error instanceof GitError) return gitFailure(error.stderr);
  return undefined;
}

/** The same as the answer to a call. */
export function asAnswer(error: unknown): unknown {
  const failure = sourceFailure(error);
  return failure ? new AwsError('InvalidInputException', failure.message) : error;
}
