import { DENIED_RESOURCE } from '../../../src/lib/denied.ts';

/** Errors of calls, in AWS's words. Pure. */

interface AwsError {
  code: string;
  message: string;
  requestId: string | undefined;
  /** Of those that say who may not do what: `codepipeline:GetPipeline` and on what, as far as the message has it. */
  denied: { action?: string | undefined; resource?: string | undefined } | undefined;
}

const ON_RESOURCE = new RegExp(`on resource: ${DENIED_RESOURCE}`);
const DENIED = /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|UnauthorizedAccess)$/;

export function awsError(error: unknown): AwsError {
  const { name, message, $metadata } = (error ?? {}) as {
    name?: string;
    message?: string;
    $metadata?: { requestId?: string };
  };
  const code = name === undefined || name === 'Error' ? 'Failed' : name;
  const text =
    name === 'TypeError' && /fetch/i.test(message ?? '')
      ? 'The server does not answer.'
      : message || 'The server gave no message.';
  return {
    code,
    message: text,
    requestId: $metadata?.requestId,
    denied: DENIED.test(code)
      ? {
          action: /to perform: ([\w-]+:\w+)/.exec(text)?.[1],
          resource: ON_RESOURCE.exec(text)?.[1],
        }
      : undefined,
  };
}

/** Whether asking again can help. */
export function isPassing(error: unknown): boolean {
  const { $metadata, $fault } = (error ?? {}) as {
    $metadata?: { httpStatusCode?: number };
    $fault?: string;
  };
  return $fault !== 'client' && ($metadata?.httpStatusCode ?? 500) >= 500;
}
