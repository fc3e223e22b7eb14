import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Api } from '../api.ts';
import { AwsError } from '../errors.ts';
import type { Protocol } from '../protocols/protocol.ts';
import type { Contract } from './contract.ts';
import { compileContract, type Validate } from './validate.ts';

/** Where the contract files are. */
export const CONTRACTS = join(import.meta.dirname, '..', '..', '..', 'contracts');

/** AWS's validation error for an input, or undefined when it meets the contract or its service validates itself. */
export type Validator = (
  api: Pick<Api, 'name' | 'contract' | 'validation' | 'protocols'>,
  operation: string,
  input: unknown,
  /** The one that the call came in; default: the API's first. */
  protocol?: Pick<Protocol, 'invalid'>,
) => AwsError | undefined;

/** @param folder where the contract files are; each is read when its service is first called. */
export function makeValidator(folder: string = CONTRACTS): Validator {
  const compiled = new Map<string, Validate>();
  return (api, operation, input, protocol = api.protocols[0]) => {
    if (api.validation === 'self') return undefined;
    // Not by its name, which two APIs may have.
    const contract = api.contract ?? api.name;
    let validate = compiled.get(contract);
    if (!validate) {
      validate = compileContract(readContract(folder, contract));
      compiled.set(contract, validate);
    }
    const message = validate(operation, input);
    return message === undefined
      ? undefined
      : new AwsError(api.validation ?? protocol.invalid, message);
  };
}

/** The contract of a service. @throws Error when there is no file of that name */
export function readContract(folder: string, service: string): Contract {
  return JSON.parse(readFileSync(join(folder, `${service}.json`), 'utf8')) as Contract;
}
