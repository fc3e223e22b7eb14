/** Policy documents as people read and write them. Pure. */

const textOf = (document: object) => `${JSON.stringify(document, null, 2)}\n`;

/** IAM answers documents percent-encoded. */
export function documentText(encoded: string | undefined): string {
  if (encoded === undefined) return '';
  let text = encoded;
  try {
    text = decodeURIComponent(encoded);
  } catch {
    // It is shown as it came.
  }
  try {
    return textOf(JSON.parse(text));
  } catch {
    return text;
  }
}

/** Why it is no JSON, if so: the rest IAM says itself. */
export function jsonError(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** AWS's own, which nobody changes. */
export const isManaged = (arn: string) => arn.includes(':aws:policy/');

export const policyType = (arn: string) => (isManaged(arn) ? 'AWS managed' : 'Customer managed');

export const NEW_POLICY = textOf({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: [], Resource: '*' }],
});

export const trustOf = (service: string) =>
  textOf({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  });
