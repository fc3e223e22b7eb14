import { Readable } from 'node:stream';
import type { AuthenticateOptions } from '../../../aws/auth/authenticate.ts';
import { VerifiedBody } from '../../../aws/auth/body.ts';
import { Checksums } from '../../../aws/auth/checksums.ts';
import { AuthFailure } from '../../../aws/auth/failure.ts';
import { AwsError, unsupported } from '../../../aws/errors.ts';
import type { FormCall, FormCalls } from '../../../aws/form-calls.ts';
import type { WireRequest, WireResponse } from '../../../aws/http.ts';
import { toText } from '../../../aws/protocols/bindings.ts';
import { escapeXml } from '../../../aws/protocols/xml-text.ts';
import { s3Address } from '../requests/address.ts';
import { readUploadForm, type UploadForm } from './multipart.ts';
import { checkPostPolicy, parsePostPolicy, type SizeRange } from './policy.ts';
import { identifyForm, need } from './sign-form.ts';

/** A browser's uploads, as the PutObject that each comes to. */
export const formUploads: FormCalls = {
  matches: (request) => postedBucket(request) !== undefined,
  open: openFormUpload,
};

/** The bucket that a form with a file is posted to, or undefined when the request is none. */
function postedBucket(request: WireRequest): string | undefined {
  const { method, headers, query, internal } = request;
  const form = headers['content-type']?.toLowerCase().startsWith('multipart/form-data');
  if (method !== 'POST' || !form || query !== '' || headers.authorization || internal)
    return undefined;
  const { bucket, path } = s3Address(request);
  return path === '/' ? bucket : undefined;
}

/** A form's fields are few and small: who takes longer for them holds them up on purpose. */
const FIELDS_MS = 20_000;

/**
 * Opens a form upload: reads its fields, finds out who signed its policy, and holds it against the policy, before a
 * byte of the file is taken. @throws AuthFailure, AwsError in S3's words
 */
async function openFormUpload(
  request: WireRequest,
  options: AuthenticateOptions,
): Promise<FormCall> {
  const bucket = postedBucket(request) ?? '';
  const form = await withinTime(
    readUploadForm(request.body, request.headers['content-type'] ?? ''),
  );
  const fields = expanded(form);
  const key = need(fields, 'key');
  const signer = await identifyForm(fields, options);
  const policy = fields.get('policy');
  const asked = new Map([...fields, ['bucket', bucket]]);
  const range = policy
    ? checkPostPolicy(parsePostPolicy(policy), asked, options.now)
    : { least: 0, most: Number.MAX_SAFE_INTEGER };
  const headers = headersOf(fields);
  const checksums = new Checksums();
  checksums.addHeaders(headers);
  const file = Readable.from(weighed(form.file, range), { objectMode: false });
  const body = new VerifiedBody(file, { checksums, length: undefined });
  const sent = {
    ...headers,
    host: request.headers.host ?? '',
    'user-agent': request.headers['user-agent'] ?? '',
  };
  return {
    identified: { ...signer, service: 's3', form: 'none', body },
    operation: 'PutObject',
    request: { ...request, method: 'PUT', headers: sent },
    labels: { Bucket: bucket, Key: key },
    answer: (response) => answer(request, fields, { bucket, key }, response),
  };
}

function withinTime<T>(reading: Promise<T>): Promise<T> {
  let late: NodeJS.Timeout | undefined;
  const end = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(new AuthFailure('too-slow')), FIELDS_MS);
  });
  return Promise.race([reading, end]).finally(() => clearTimeout(late));
}

/** The fields, with the file's name where they ask for it. */
function expanded({ fields, fileName }: UploadForm): Map<string, string> {
  const signed = ['policy', 'signature', 'x-amz-signature'];
  return new Map(
    [...fields].map(([name, value]) => [
      name,
      signed.includes(name) ? value : value.replace(/\$\{filename\}/g, () => fileName),
    ]),
  );
}

const HEADER_FIELDS =
  /^(cache-control|content-type|content-disposition|content-encoding|content-md5|expires|x-amz-(meta-[\w!#$%&'*+.^`|~-]+|storage-class|website-redirect-location|server-side-encryption.*|checksum-.+|sdk-checksum-algorithm|object-lock-.+))$/;

/** The fields that are headers of a PUT. Others that the policy lets pass mean nothing, as on AWS. */
function headersOf(fields: ReadonlyMap<string, string>): Record<string, string> {
  if (fields.has('tagging')) throw unsupported('the field tagging of form uploads');
  const found = [...fields].filter(([name]) => HEADER_FIELDS.test(name));
  const odd = [...fields.keys()].find((n) => /^x-amz-meta-/.test(n) && !HEADER_FIELDS.test(n));
  // No header could be called so when the object is read.
  if (odd !== undefined)
    throw new AwsError('InvalidArgument', 'The name of a metadata field is not valid.', 400, {
      ArgumentName: odd,
      ArgumentValue: fields.get(odd) ?? '',
    });
  const acl = fields.get('acl');
  // Headers are single bytes to whoever reads them.
  const bytes = (value: string) => Buffer.from(value, 'utf8').toString('latin1');
  return Object.fromEntries([
    ...found.map(([name, value]) => [name, bytes(value)]),
    ...(acl === undefined ? [] : [['x-amz-acl', acl]]),
  ]);
}

/** The file, refused as soon as it is more than it may be, or at its end when it is less. */
async function* weighed(file: Readable, { least, most }: SizeRange): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const piece of file) {
    size += piece.length;
    if (size > most)
      throw new AwsError(
        'EntityTooLarge',
        'Your proposed upload exceeds the maximum allowed size',
        400,
        {
          ProposedSize: String(size),
          MaxSizeAllowed: String(most),
        },
      );
    yield piece;
  }
  if (size < least)
    throw new AwsError(
      'EntityTooSmall',
      'Your proposed upload is smaller than the minimum allowed size',
      400,
      {
        ProposedSize: String(size),
        MinSizeAllowed: String(least),
      },
    );
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html */
function answer(
  request: WireRequest,
  fields: ReadonlyMap<string, string>,
  { bucket, key }: { bucket: string; key: string },
  response: WireResponse,
): WireResponse {
  const etag = response.headers.etag ?? '';
  const redirect = redirection(fields.get('success_action_redirect') ?? fields.get('redirect'));
  if (redirect) {
    for (const [name, value] of Object.entries({ bucket, key, etag }))
      redirect.searchParams.set(name, value);
    return {
      status: 303,
      headers: { ...response.headers, location: redirect.href },
      body: undefined,
    };
  }
  const path = s3Address(request).path === request.path ? '' : `/${encodeURIComponent(bucket)}`;
  const location = `${request.endpoint}${path}/${encodeURIComponent(key)}`;
  const headers = { ...response.headers, location: toText(location) };
  const status = fields.get('success_action_status');
  if (status === '200') return { status: 200, headers, body: undefined };
  if (status !== '201') return { status: 204, headers, body: undefined };
  const members = { Location: location, Bucket: bucket, Key: key, ETag: etag };
  const xml = Object.entries(members).map(
    ([name, text]) => `<${name}>${escapeXml(text)}</${name}>`,
  );
  return {
    status: 201,
    headers: { ...headers, 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse>${xml.join('')}</PostResponse>`,
  };
}

/** Where the browser goes next; what is no address of the web counts as not there, as on AWS. */
function redirection(text: string | undefined): URL | undefined {
  if (!text || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) ? url : undefined;
}
