import { createHmac } from 'node:crypto';
import { parseAmzDate } from '../../../aws/auth/amz-date.ts';
import { type AuthenticateOptions, checkedKey } from '../../../aws/auth/authenticate.ts';
import { AuthFailure } from '../../../aws/auth/failure.ts';
import { relaxedPrincipal } from '../../../aws/auth/relaxed.ts';
import { readCredential, sameText } from '../../../aws/auth/signature.ts';
import { ALGORITHM, hmacHex, signingKey } from '../../../aws/auth/signing-key.ts';
import { AwsError } from '../../../aws/errors.ts';
import type { Principal } from '../../../aws/principal.ts';

/** Who gave a form away. */
export interface FormSigner {
  principal: Principal;
  accessKeyId: string;
  region: string;
}

/**
 * Who signed the policy of a form: by Version 4, or by Version 2, as boto3 still does unless it is told otherwise.
 * Without a policy it is nobody: on a strict server there is nothing that nobody may write to.
 * @throws AuthFailure; AwsError InvalidArgument for a field that is not there
 */
export async function identifyForm(
  fields: ReadonlyMap<string, string>,
  options: AuthenticateOptions,
): Promise<FormSigner> {
  if (options.mode === 'relaxed') return relaxedSigner(fields, options);
  if (!fields.has('policy')) throw new AuthFailure('missing');
  return fields.has('awsaccesskeyid') ? signerV2(fields, options) : signerV4(fields, options);
}

async function signerV4(
  fields: ReadonlyMap<string, string>,
  { credentials, now }: AuthenticateOptions,
): Promise<FormSigner> {
  const [algorithm, credential, date, signature] = [
    'X-Amz-Algorithm',
    'X-Amz-Credential',
    'X-Amz-Date',
    'X-Amz-Signature',
  ].map((name) => need(fields, name)) as [string, string, string, string];
  if (algorithm !== ALGORITHM) throw new AuthFailure('unsupported');
  if (parseAmzDate(date) === undefined)
    throw new AuthFailure('query-malformed', {
      Reason: "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"",
    });
  const { accessKeyId, scope } = readCredential(credential, date, 'query-malformed');
  if (scope.service !== 's3')
    throw new AuthFailure('wrong-scope', { Service: scope.service, Expected: 's3' });
  const token = fields.get('x-amz-security-token');
  const key = await checkedKey(credentials, now, accessKeyId, token);
  const signing = signingKey(accessKeyId, key.secretAccessKey, scope);
  if (!sameText(hmacHex(signing, need(fields, 'Policy')), signature))
    throw new AuthFailure('wrong-signature');
  return { principal: key.principal, accessKeyId, region: scope.region };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingHTTPPOST.html */
async function signerV2(
  fields: ReadonlyMap<string, string>,
  { credentials, now, defaults }: AuthenticateOptions,
): Promise<FormSigner> {
  const accessKeyId = need(fields, 'AWSAccessKeyId');
  const signature = need(fields, 'Signature');
  const token = fields.get('x-amz-security-token');
  const key = await checkedKey(credentials, now, accessKeyId, token);
  const expected = createHmac('sha1', key.secretAccessKey).update(need(fields, 'Policy'));
  if (!sameText(expected.digest('base64'), signature)) throw new AuthFailure('wrong-signature');
  return { principal: key.principal, accessKeyId, region: defaults.region };
}

async function relaxedSigner(
  fields: ReadonlyMap<string, string>,
  { credentials, defaults, now }: AuthenticateOptions,
): Promise<FormSigner> {
  const [keyId = '', , region] = (fields.get('x-amz-credential') ?? '').split('/');
  const accessKeyId = keyId || (fields.get('awsaccesskeyid') ?? '');
  const signer = { accessKeyId, region: region || defaults.region };
  const token = fields.get('x-amz-security-token');
  const claim = { accessKeyId, token, accountId: defaults.accountId, now };
  const principal = await relaxedPrincipal(credentials, claim);
  return { ...signer, principal };
}

/** @throws AwsError InvalidArgument */
export function need(fields: ReadonlyMap<string, string>, name: string): string {
  const value = fields.get(name.toLowerCase());
  if (value) return value;
  throw new AwsError(
    'InvalidArgument',
    `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
    400,
    { ArgumentName: name, ArgumentValue: '' },
  );
}
