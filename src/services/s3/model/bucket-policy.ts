import { bucketArn } from './names.ts';

interface Statement {
  Resource?: unknown;
  NotResource?: unknown;
}

/** Why a policy cannot be a bucket's, beside what any policy must be; undefined when it can. */
export function bucketPolicyFault(document: string, bucket: string): string | undefined {
  const arn = bucketArn(bucket);
  for (const { Resource, NotResource } of statementsOf(document))
    for (const resource of list(Resource ?? NotResource))
      if (resource !== arn && !String(resource).startsWith(`${arn}/`))
        return 'Policy has invalid resource';
  return undefined;
}

function statementsOf(document: string): Statement[] {
  const { Statement: statements } = JSON.parse(document) as { Statement?: unknown };
  return list(statements) as Statement[];
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}
