import { AwsError } from '../../aws/errors.ts';

// S3's error documents carry members that its model does not have (BucketName, Key, Condition …), so they
// are AwsErrors and not the SDK's classes. Texts: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html

export const noSuchBucket = (bucket: string) =>
  new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: bucket });
export const noSuchKey = (key: string) =>
  new AwsError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key });
export const noSuchVersion = (key: string, versionId: string) =>
  new AwsError('NoSuchVersion', 'The specified version does not exist.', 404, {
    Key: key,
    VersionId: versionId,
  });
export const noSuchUpload = (uploadId: string) =>
  new AwsError(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    404,
    { UploadId: uploadId },
  );
export const invalidBucketName = (bucket: string) =>
  new AwsError('InvalidBucketName', 'The specified bucket is not valid.', 400, {
    BucketName: bucket,
  });
export const bucketAlreadyExists = (bucket: string) =>
  new AwsError(
    'BucketAlreadyExists',
    'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
    409,
    { BucketName: bucket },
  );
export const bucketAlreadyOwnedByYou = (bucket: string) =>
  new AwsError(
    'BucketAlreadyOwnedByYou',
    'Your previous request to create the named bucket succeeded and you already own it.',
    409,
    { BucketName: bucket },
  );
export const bucketNotEmpty = (bucket: string, versioned: boolean) =>
  new AwsError(
    'BucketNotEmpty',
    `The bucket you tried to delete is not empty${versioned ? '. You must delete all versions in the bucket.' : ''}`,
    409,
    { BucketName: bucket },
  );
export const illegalLocation = (location: string) =>
  new AwsError(
    'IllegalLocationConstraintException',
    `The ${location} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    400,
  );
export const invalidLocation = (location: string) =>
  new AwsError('InvalidLocationConstraint', 'The specified location-constraint is not valid', 400, {
    LocationConstraint: location,
  });
export const accessDenied = (message = 'Access Denied') =>
  new AwsError('AccessDenied', message, 403);
export const invalidArgument = (message: string, name?: string, value?: string) =>
  new AwsError('InvalidArgument', message, 400, {
    ...(name !== undefined && { ArgumentName: name }),
    ...(value !== undefined && { ArgumentValue: value }),
  });
export const invalidDestination = (arn: string, reason: string) =>
  invalidArgument('Unable to validate the following destination configurations', arn, reason);
export const invalidRequest = (message: string) => new AwsError('InvalidRequest', message, 400);
export const malformedXml = () =>
  new AwsError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
    400,
  );
export const keyTooLong = (bytes: number) =>
  new AwsError('KeyTooLongError', 'Your key is too long', 400, {
    Size: String(bytes),
    MaxSizeAllowed: '1024',
  });
export const metadataTooLarge = (bytes: number) =>
  new AwsError(
    'MetadataTooLarge',
    'Your metadata headers exceed the maximum allowed metadata size',
    400,
    {
      Size: String(bytes),
      MaxSizeAllowed: '2048',
    },
  );
export const entityTooLarge = (limit: number) =>
  new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', 400, {
    MaxSizeAllowed: String(limit),
  });
export const entityTooSmall = (part: number, size: number, etag: string, least: number) =>
  new AwsError(
    'EntityTooSmall',
    'Your proposed upload is smaller than the minimum allowed size',
    400,
    {
      ProposedSize: String(size),
      MinSizeAllowed: String(least),
      PartNumber: String(part),
      ETag: etag,
    },
  );
export const badDigest = (what: string) =>
  new AwsError(
    'BadDigest',
    `The ${what} you specified did not match the calculated checksum.`,
    400,
  );
export const invalidPart = (uploadId: string, part: number, etag: string) =>
  new AwsError(
    'InvalidPart',
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    400,
    { UploadId: uploadId, PartNumber: String(part), ETag: etag },
  );
export const invalidPartOrder = (uploadId: string) =>
  new AwsError(
    'InvalidPartOrder',
    'The list of parts was not in ascending order. Parts must be ordered by part number.',
    400,
    { UploadId: uploadId },
  );
export const invalidPartNumber = () =>
  new AwsError('InvalidPartNumber', 'The requested partnumber is not satisfiable', 416);
export const invalidRange = (range: string, size: number) =>
  new AwsError('InvalidRange', 'The requested range is not satisfiable', 416, {
    RangeRequested: range,
    ActualObjectSize: String(size),
  });
export const preconditionFailed = (condition: string) =>
  new AwsError(
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
    412,
    { Condition: condition },
  );
export const notModified = () => new AwsError('NotModified', 'Not Modified', 304);
export const methodNotAllowed = (resource: string) =>
  new AwsError(
    'MethodNotAllowed',
    'The specified method is not allowed against this resource.',
    405,
    {
      Method: 'GET',
      ResourceType: resource,
    },
  );
export const invalidTag = (message: string) => new AwsError('InvalidTag', message, 400);
export const aclsNotSupported = () =>
  new AwsError('AccessControlListNotSupported', 'The bucket does not allow ACLs', 400);
export const malformedAcl = () =>
  new AwsError(
    'MalformedACLError',
    'The XML you provided was not well-formed or did not validate against our published schema',
    400,
  );
export const missingAcl = () =>
  new AwsError('MissingSecurityHeader', 'Your request was missing a required header', 400, {
    MissingHeaderName: 'x-amz-acl',
  });
export const unexpectedContent = () =>
  new AwsError('UnexpectedContent', 'This request does not support content', 400);
/** S3's own words for a header whose feature it does not have; `what` names it. */
export const headerNotImplemented = (header: string, what: string) =>
  new AwsError(
    'NotImplemented',
    `A header you provided implies functionality that is not implemented: ${what} is not supported.`,
    501,
    { Header: header },
  );
/** What S3 answers when a bucket has no configuration of some kind. */
export const noConfiguration = (code: string, message: string, bucket: string) =>
  new AwsError(code, message, 404, { BucketName: bucket });
export const malformedPolicy = (message: string) => new AwsError('MalformedPolicy', message, 400);
