interface Statement {
  Effect?: unknown;
  Principal?: unknown;
  NotPrincipal?: unknown;
  Condition?: unknown;
}

/** Condition keys that name who or from where: a statement that has one with fixed values is for somebody. */
const NAMING = new Set([
  ...['aws:principalarn', 'aws:principalaccount', 'aws:principalorgid', 'aws:userid'],
  ...['aws:sourcearn', 'aws:sourceaccount', 'aws:sourcevpc', 'aws:sourcevpce', 'aws:sourceip'],
  ...['s3:dataaccesspointarn', 's3:dataaccesspointaccount'],
]);

/** Operators that let in who meets them, and nobody else. */
const LETTING_IN = /^(string(equals|equalsignorecase|like)|arn(equals|like)|ipaddress)$/;

/**
 * Does a resource's policy let everybody in?
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 */
export function isPublicPolicy(document: string): boolean {
  return statementsOf(document).some(
    ({ Effect, Principal, NotPrincipal, Condition }) =>
      Effect === 'Allow' &&
      (NotPrincipal !== undefined || isEverybody(Principal)) &&
      !namesSomebody(Condition),
  );
}

function isEverybody(principal: unknown): boolean {
  if (typeof principal !== 'object' || principal === null) return principal === '*';
  return list((principal as { AWS?: unknown }).AWS).includes('*');
}

function namesSomebody(condition: unknown): boolean {
  if (typeof condition !== 'object' || condition === null) return false;
  return Object.entries(condition).some(
    ([operator, keys]) =>
      LETTING_IN.test(operator.toLowerCase()) &&
      Object.entries(keys ?? {}).some(
        ([key, values]) => NAMING.has(key.toLowerCase()) && list(values).every(isFixed),
      ),
  );
}

/** No wildcard, no variable, and no range that is the whole internet. */
const isFixed = (value: unknown) => !/[*?$]/.test(String(value)) && !/\/0$/.test(String(value));

function statementsOf(document: string): Statement[] {
  const { Statement: statements } = JSON.parse(document) as { Statement?: unknown };
  return list(statements) as Statement[];
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}
