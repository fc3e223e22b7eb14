import { NormalizedSchema } from '@smithy/core/schema';
import { part } from './part.ts';
import { operationSchema, type Protocol } from './protocol.ts';
import {
  type FormNames,
  isForm,
  outputXml,
  queryOperation,
  readForm,
  xmlHeaders,
} from './query.ts';
import { escapeXml } from './xml-text.ts';

/** Names begin with a capital, or are the ones that EC2 has of its own. https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html */
const EC2_NAMES: FormNames = {
  flat: true,
  member(name, traits) {
    const plain = traits.xmlName ?? name;
    const own = traits.ec2QueryName as string | undefined;
    return own ?? plain.charAt(0).toUpperCase() + plain.slice(1);
  },
};

/** Query as EC2 speaks it: lists without an element of their own, answers without a result element, errors in a list. */
export const ec2Query: Protocol = {
  name: 'ec2-query',
  dialect: 'ec2',
  invalid: 'InvalidParameterValue',
  streams: false,
  statuses: 'modelled',
  recognises: isForm,
  operation: queryOperation,
  decode: (call) => readForm(call, EC2_NAMES),
  encode({ api, operation }, output, requestId) {
    const name = `${operation}Response`;
    const schema = NormalizedSchema.of(operationSchema(api, operation)[5]);
    const element = schema.isStructSchema() ? outputXml(part(schema, name), output) : '';
    // An element without members is `<Name/>`, of which this leaves nothing.
    const members = element.slice(element.indexOf('>') + 1, element.lastIndexOf('<'));
    const body = `<${name} xmlns="${api.xmlNamespace}"><requestId>${requestId}</requestId>${members}</${name}>`;
    return { status: 200, headers: xmlHeaders(requestId), body };
  },
  encodeError(_api, { code, message, status }, requestId) {
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`;
    return { status, headers: xmlHeaders(requestId), body };
  },
};
