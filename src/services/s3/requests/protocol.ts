import { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../../../aws/errors.ts';
import { toText } from '../../../aws/protocols/bindings.ts';
import { type ErrorDocument, operationSchema } from '../../../aws/protocols/protocol.ts';
import { restXml, xmlDocument } from '../../../aws/protocols/rest-xml.ts';
import { escapeXml } from '../../../aws/protocols/xml-text.ts';
import { s3Address } from './address.ts';

/** Outputs that S3 sends as the bare text of the root element (Smithy's s3UnwrappedXmlOutput, which the schemas omit). */
const UNWRAPPED_OUTPUTS = new Set(['GetBucketLocation']);

/** REST-XML with what S3 has of its own: ids of requests, errors without an element around them, answers to ranges. */
export const s3Protocol = restXml({
  dialect: 's3',
  headers: requestHeaders,
  unknown(_api, request) {
    const { bucket, path } = s3Address(request);
    if (request.method === 'POST' && bucket !== undefined && path === '/') return notAForm();
    const sentence = 'The specified method is not allowed against this resource.';
    return new AwsError('MethodNotAllowed', sentence, 405);
  },
  encoded({ api, operation }, output, response) {
    if (output.ContentRange && response.status === 200) response.status = 206;
    if (!UNWRAPPED_OUTPUTS.has(operation)) return;
    const schema = NormalizedSchema.of(operationSchema(api, operation)[5]);
    const [name = ''] = Object.keys(schema.getMemberSchemas());
    const text = escapeXml(String(output[name] ?? ''));
    response.body = xmlDocument(`<${name} xmlns="${api.xmlNamespace}">${text}</${name}>`);
  },
  encodeError: (_api, error, requestId) => errorAnswer(error, requestId),
});

function errorAnswer({ code, message, status, members }: ErrorDocument, requestId: string) {
  const headers = requestHeaders(requestId);
  if (status === 304) return { status, headers, body: undefined };
  const details = Object.entries(members)
    .filter(([name, value]) => /^[A-Z]/.test(name) && typeof value === 'string')
    .map(([name, value]) => `<${name}>${escapeXml(value as string)}</${name}>`);
  return {
    status,
    headers: { ...headers, 'content-type': 'application/xml' },
    body: xmlDocument(
      `<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message>${details.join('')}<RequestId>${requestId}</RequestId><HostId>s3</HostId></Error>`,
    ),
  };
}

function requestHeaders(requestId: string): Record<string, string> {
  return { 'x-amz-request-id': requestId, 'x-amz-id-2': toText(requestId) };
}

/** A POST to a bucket that asks for nothing else is a browser's upload. */
function notAForm(): AwsError {
  return new AwsError(
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
    412,
    { Condition: 'Bucket POST must be of the enclosure-type multipart/form-data' },
  );
}
