import { RuleError } from './rule-error.ts';

/** @param what they are, for the error @throws RuleError where one is there twice */
export function unique(names: (string | undefined)[], what: string): void {
  const seen = new Set<string | undefined>();
  for (const name of names) {
    if (seen.has(name)) throw new RuleError(`Duplicate ${what}: ${name}`);
    seen.add(name);
  }
}
