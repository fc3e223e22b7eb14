import { invalidAction } from '../errors.ts';
import type { Action } from '../model/declaration.ts';
import { type Job, setting } from './action-type.ts';
import { ActionFailure } from './failure.ts';

/** A configuration value that holds a reference is judged when it is resolved. */
export const isKnown = (value: string | undefined): value is string =>
  value !== undefined && !value.includes('#{');

/** @throws InvalidActionDeclarationException for a key that is there, known, and not what `read` takes */
export function checkKey(
  { name, configuration }: Action,
  key: string,
  read: (value: string) => unknown,
): void {
  const value = configuration[key];
  if (!isKnown(value)) return;
  try {
    read(value);
  } catch (error) {
    throw invalidAction(
      `Action configuration for action '${name}' has an invalid '${key}': ${(error as Error).message}`,
    );
  }
}

/** @throws InvalidActionDeclarationException where a key is needed beside others */
export function needKey({ name, configuration }: Action, key: string, why: string): void {
  if (configuration[key]) return;
  throw invalidAction(
    `Action configuration for action '${name}' is missing required configuration '${key}': ${why}`,
  );
}

/** A value as `read` takes it, or undefined where there is none. @throws ActionFailure */
export function read<T>(job: Job, key: string, parse: (value: string) => T): T | undefined {
  const value = setting(job, key);
  if (!value) return undefined;
  try {
    return parse(value);
  } catch (error) {
    if (error instanceof ActionFailure) throw error;
    throw new ActionFailure(
      'ConfigurationError',
      `The configuration '${key}' of action '${job.run.actionName}' is invalid: ${(error as Error).message}`,
    );
  }
}

/** `a, b` as a list. */
export function list(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** A whole number within bounds. @throws Error */
export function wholeNumber(least: number, most: number) {
  return (value: string): number => {
    if (/^\d{1,9}$/.test(value) && Number(value) >= least && Number(value) <= most)
      return Number(value);
    throw new Error(`it must be a whole number from ${least} to ${most}`);
  };
}

/** JSON that is an object. @throws Error */
export function jsonObject(value: string): Record<string, unknown> {
  const parsed = json(value);
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed))
    throw new Error('it must be a JSON object');
  return parsed as Record<string, unknown>;
}

/** JSON that is a list of objects whose members are texts. @throws Error */
export function jsonTexts(members: readonly string[]) {
  return (value: string): Record<string, string>[] => {
    const parsed = json(value);
    if (!Array.isArray(parsed)) throw new Error('it must be a JSON array');
    for (const entry of parsed as Record<string, unknown>[])
      for (const member of members)
        if (typeof entry?.[member] !== 'string')
          throw new Error(`each of its entries must have ${members.join(', ')}`);
    return parsed as Record<string, string>[];
  };
}

export function json(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw new Error('it is not valid JSON');
  }
}
