import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Protocol } from '../api.ts';
import { AwsError } from '../errors.ts';
import type { Contract } from './contract.ts';
import { validationStyle } from './styles.ts';
import { compileContract, type Validate } from './validate.ts';

const CONTRACTS = join(import.meta.dirname, '..', '..', '..', 'contracts');

/** AWS's validation error for an input, or undefined when it meets the contract or its service validates itself. */
export type Validator = (
  api: { name: string; contract?: string; protocol: Protocol },
  operation: string,
  input: unknown,
) => AwsError | undefined;

/** @param folder where the contract files are; each is read when its service is first called. */
export function makeValidator(folder: string = CONTRACTS): Validator {
  const compiled = new Map<string, Validate>();
  return (api, operation, input) => {
    const style = validationStyle(api);
    if (style === 'self') return undefined;
    let validate = compiled.get(api.name);
    if (!validate) {
      validate = compileContract(readContract(folder, api.contract ?? api.name));
      compiled.set(api.name, validate);
    }
    const message = validate(operation, input);
    return message === undefined ? undefined : new AwsError(style.code, message);
  };
}

/** The contract of a service. @throws Error when there is no file of that name */
export function readContract(folder: string, service: string): Contract {
  return JSON.parse(readFileSync(join(folder, `${service}.json`), 'utf8')) as Contract;
}
