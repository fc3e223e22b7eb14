import { expect, it } from 'vitest';
import { awsManagedDocument, awsManagedPolicies } from './aws-managed.ts';
import { parsePolicy } from './policy.ts';

it.each(awsManagedPolicies().map((policy) => [policy.arn, policy] as const))(
  '%s is a policy that could be stored',
  (arn, { id, document }) => {
    expect(parsePolicy(document, 'identity').statements.length).toBeGreaterThan(0);
    expect(id).toMatch(/^ANPA[A-Z0-9]{17}$/);
    expect(awsManagedDocument(arn)).toBe(document);
    for (const { Action, NotAction } of JSON.parse(document).Statement)
      expect(
        [Action ?? NotAction]
          .flat()
          .every((name: unknown) => /^(\*|[a-z0-9]+:[A-Za-z*]+)$/.test(String(name))),
      ).toBe(true);
  },
);
