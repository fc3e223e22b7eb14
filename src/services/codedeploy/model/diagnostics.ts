import type { Diagnostics, LifecycleErrorCode } from '@aws-sdk/client-codedeploy';

/** What a host agent sends when a command is complete; its numbers are CD-AGT-04. */
interface AgentDiagnostics {
  error_code?: number | string;
  script_name?: string;
  message?: string;
  log?: string;
}

/** By the agent's number. The API has no name for outputs left open (6) and failures after a restart (7). */
const ERROR_CODES: Record<number, LifecycleErrorCode> = {
  0: 'Success',
  1: 'ScriptMissing',
  2: 'ScriptNotExecutable',
  3: 'ScriptTimedOut',
  4: 'ScriptFailed',
};

const LOG_TAIL_CHARACTERS = 4096;

/** The API's diagnostics from an agent's JSON text. Anything unreadable is an unknown error that shows the text. */
export function readDiagnostics(
  payload: string | undefined,
  status: 'Succeeded' | 'Failed',
): Diagnostics {
  const read = parse(payload);
  if (!read) return unknownError(payload ?? '', status);
  const code = ERROR_CODES[Number(read.error_code)];
  const message = String(read.message ?? '');
  return {
    errorCode: code ?? (status === 'Succeeded' ? 'Success' : 'UnknownError'),
    scriptName: String(read.script_name ?? ''),
    message: status === 'Succeeded' ? ofSuccess(message) : message,
    logTail: String(read.log ?? '').slice(-LOG_TAIL_CHARACTERS),
  };
}

/** Versions of the official agent end it with a colon, and nothing behind. */
const ofSuccess = (message: string) => message.replace(/^Succeeded: $/, 'Succeeded');

function parse(payload: string | undefined): AgentDiagnostics | undefined {
  try {
    const read: unknown = JSON.parse(payload ?? '');
    return typeof read === 'object' && read !== null ? (read as AgentDiagnostics) : undefined;
  } catch {
    return undefined;
  }
}

function unknownError(text: string, status: 'Succeeded' | 'Failed'): Diagnostics {
  const errorCode = status === 'Succeeded' ? 'Success' : 'UnknownError';
  return withoutScript(errorCode, text.slice(0, LOG_TAIL_CHARACTERS));
}

/** What is known of an event of which no script has told. */
export function withoutScript(errorCode: LifecycleErrorCode, message: string): Diagnostics {
  return { errorCode, scriptName: '', message, logTail: '' };
}

/** Did the agent say in its acknowledgement that it has nothing to run? */
export function isNoop(payload: string | undefined): boolean {
  const read = parse(payload) as { IsCommandNoop?: unknown } | undefined;
  return read?.IsCommandNoop === true;
}
