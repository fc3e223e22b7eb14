/** What an agent reports of a command; the numbers are the official agent's (CD-AGT-04). */
export const CODES = {
  succeeded: 0,
  scriptMissing: 1,
  scriptNotExecutable: 2,
  scriptTimedOut: 3,
  scriptFailed: 4,
  unknown: 5,
  outputsLeftOpen: 6,
  failedAfterRestart: 7,
} as const;

/** A hook script that did not succeed. */
export class ScriptError extends Error {
  readonly code: number;
  readonly scriptName: string;
  /** The end of what the event's scripts wrote. */
  readonly log: string;

  constructor(code: number, scriptName: string, log: string, message: string) {
    super(message);
    this.code = code;
    this.scriptName = scriptName;
    this.log = log;
  }
}

function payload(code: number, scriptName: string, message: string, log: string): string {
  return JSON.stringify({ error_code: code, script_name: scriptName, message, log });
}

export function succeeded(): string {
  return payload(CODES.succeeded, '', 'Succeeded', '');
}

export function failed(error: unknown): string {
  if (error instanceof ScriptError)
    return payload(error.code, error.scriptName, error.message, error.log);
  return payload(CODES.unknown, '', describe(error), '');
}

export function failedAfterRestart(): string {
  const message = 'Failed: Failing in-progress lifecycle event after an agent restart.';
  return payload(CODES.failedAfterRestart, '', message, '');
}

/** What went wrong; of an error of AWS's the message alone, as in the official agent: `The specified key does not exist.` */
function describe(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
