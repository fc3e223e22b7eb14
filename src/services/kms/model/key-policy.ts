/** Why a key policy cannot be taken: it is no policy, or it says what the server would not keep. */
export type PolicyProblem = { malformed: string } | { unsupported: string };

interface Statement {
  Effect?: unknown;
  Principal?: unknown;
  Action?: unknown;
  Resource?: unknown;
  Condition?: unknown;
}

/** The policy of a key that was created without one: the account's own policies decide. */
export function defaultPolicy(accountId: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${accountId}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  });
}

/** What AWS says for its own keys: the account's principals through the service, and looking for everybody. */
export function managedPolicy(accountId: string, region: string, service: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Id: `auto-${service}-1`,
    Statement: [
      {
        Sid: `Allow access through ${service} for all principals in the account that are authorized to use ${service}`,
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [
          'kms:Encrypt',
          'kms:Decrypt',
          'kms:ReEncrypt*',
          'kms:GenerateDataKey*',
          'kms:DescribeKey',
        ],
        Resource: '*',
        Condition: {
          StringEquals: {
            'kms:ViaService': `${service}.${region}.amazonaws.com`,
            'kms:CallerAccount': accountId,
          },
        },
      },
      {
        Sid: 'Allow direct access to key metadata to the account',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${accountId}:root` },
        Action: ['kms:Describe*', 'kms:Get*', 'kms:List*'],
        Resource: '*',
      },
    ],
  });
}

/**
 * Checks a key policy. Identity policies alone decide so far, so only a policy that leaves the decision to
 * them is taken: one that gives the account `kms:*` and forbids nothing. Further Allow statements are kept;
 * those to principals of the account add nothing that IAM could not, those to others have no effect yet.
 */
export function policyProblem(text: string, accountId: string): PolicyProblem | undefined {
  const statements = statementsOf(text);
  if (!statements)
    return { malformed: 'The new key policy is not valid JSON or has no statements.' };
  for (const { Effect, Principal, Action, Resource } of statements) {
    if (Effect !== 'Allow' && Effect !== 'Deny')
      return { malformed: 'Policy contains a statement with no Effect.' };
    if (Principal === undefined)
      return { malformed: 'Policy contains a statement with no principal.' };
    if (Action === undefined || Resource === undefined) {
      return { malformed: 'Policy contains a statement with no action or no resource.' };
    }
  }
  if (statements.some((s) => s.Effect === 'Deny')) {
    return {
      unsupported: 'key policies with Deny statements',
    };
  }
  if (!statements.some((s) => delegatesToIam(s, accountId))) {
    return {
      unsupported: `key policies other than those that let the account's IAM policies decide (Allow kms:* to arn:aws:iam::${accountId}:root)`,
    };
  }
  return undefined;
}

function statementsOf(text: string): Statement[] | undefined {
  try {
    const { Statement: statement } = JSON.parse(text);
    const list = Array.isArray(statement) ? statement : [statement];
    return list.length > 0 && list.every((s) => s !== null && typeof s === 'object')
      ? list
      : undefined;
  } catch {
    return undefined;
  }
}

function delegatesToIam(statement: Statement, accountId: string): boolean {
  const root = [`arn:aws:iam::${accountId}:root`, accountId];
  const principal = statement.Principal as { AWS?: unknown } | string;
  const named =
    typeof principal === 'object' && principal !== null ? listOf(principal.AWS) : [principal];
  return (
    statement.Effect === 'Allow' &&
    statement.Condition === undefined &&
    named.some((p) => root.includes(String(p))) &&
    listOf(statement.Action).some((a) => a === 'kms:*' || a === '*') &&
    listOf(statement.Resource).includes('*')
  );
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}
