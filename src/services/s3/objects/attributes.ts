import type { StorageClass } from '@aws-sdk/client-s3';
import { AwsError } from '../../../aws/errors.ts';
import { headerNotImplemented, metadataTooLarge } from '../errors.ts';
import { MAX_METADATA_BYTES } from '../limits.ts';
import { type AclHeaders, checkAclHeaders } from '../model/acl.ts';
import type { Attributes } from '../model/object.ts';

/** The members of writing inputs that become attributes of the object. */
export interface AttributesInput {
  CacheControl?: string | undefined;
  ContentDisposition?: string | undefined;
  ContentEncoding?: string | undefined;
  ContentLanguage?: string | undefined;
  ContentType?: string | undefined;
  Expires?: Date | undefined;
  Metadata?: Record<string, string> | undefined;
  StorageClass?: StorageClass | undefined;
  WebsiteRedirectLocation?: string | undefined;
}

/** Members that writers may send and that ask for what is not there. */
export interface RefusedInput extends AclHeaders {
  ObjectLockMode?: string | undefined;
  ObjectLockLegalHoldStatus?: string | undefined;
  ObjectLockRetainUntilDate?: Date | undefined;
  WriteOffsetBytes?: number | undefined;
}

/** Classes whose objects can be read at once: they differ in price, which is none here. */
const STORAGE_CLASSES = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
];

/** @throws MetadataTooLarge, InvalidStorageClass */
export function attributesOf(input: AttributesInput): Attributes {
  const metadata = input.Metadata ?? {};
  const bytes = Object.entries(metadata).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (bytes > MAX_METADATA_BYTES) throw metadataTooLarge(bytes);
  return {
    cacheControl: input.CacheControl,
    contentDisposition: input.ContentDisposition,
    contentEncoding: withoutChunking(input.ContentEncoding),
    contentLanguage: input.ContentLanguage,
    contentType: input.ContentType || 'binary/octet-stream',
    expires: input.Expires,
    websiteRedirectLocation: input.WebsiteRedirectLocation,
    metadata,
    storageClass: storageClassOf(input.StorageClass),
  };
}

/** @throws NotImplemented, and what `checkAclHeaders` throws */
export function refuseUnsupported(input: RefusedInput): void {
  checkAclHeaders(input);
  if (input.ObjectLockMode || input.ObjectLockLegalHoldStatus || input.ObjectLockRetainUntilDate) {
    throw headerNotImplemented('x-amz-object-lock-mode', 'Object Lock');
  }
  if (input.WriteOffsetBytes !== undefined) {
    throw headerNotImplemented('x-amz-write-offset-bytes', 'Appending to objects');
  }
}

/** The members of reading outputs. */
export function attributeMembers(attributes: Attributes) {
  return {
    CacheControl: attributes.cacheControl,
    ContentDisposition: attributes.contentDisposition,
    ContentEncoding: attributes.contentEncoding,
    ContentLanguage: attributes.contentLanguage,
    ContentType: attributes.contentType,
    Expires: attributes.expires,
    WebsiteRedirectLocation: attributes.websiteRedirectLocation,
    Metadata: attributes.metadata,
    // S3 says nothing of the standard class.
    ...(attributes.storageClass !== 'STANDARD' && { StorageClass: attributes.storageClass }),
  };
}

function storageClassOf(given: StorageClass = 'STANDARD'): StorageClass {
  if (STORAGE_CLASSES.includes(given)) return given;
  if (['GLACIER', 'DEEP_ARCHIVE', 'EXPRESS_ONEZONE', 'OUTPOSTS', 'SNOW'].includes(given)) {
    throw headerNotImplemented('x-amz-storage-class', `The storage class ${given}`);
  }
  throw new AwsError('InvalidStorageClass', 'The storage class you specified is not valid', 400, {
    StorageClassRequested: given,
  });
}

/** `aws-chunked` is of the transfer, not of the object. */
function withoutChunking(encoding: string | undefined): string | undefined {
  const rest = encoding
    ?.split(',')
    .map((e) => e.trim())
    .filter((e) => e !== 'aws-chunked' && e !== '');
  return rest?.length ? rest.join(',') : undefined;
}
