import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { MessageAttribute, SentMessage } from '../model/message.ts';

/** What a KMS key seals, where a queue has one: else it lies as all that is stored lies. */
export interface Sealed {
  /** Base64: the data key, wrapped by KMS. */
  dataKey: string;
  /** ARN of the queue that it was sent to, which is bound to it. */
  arn: string;
  text: string;
}

type Plain = Omit<SentMessage, 'attributes'> & { attributes?: MessageAttribute[] };

/** The JSON column of a message. */
export type Contents = { plain: SentMessage } | { sealed: Sealed };

export const encodePlain = ({ attributes, ...rest }: SentMessage): string =>
  encodeJson(attributes.length === 0 ? rest : { ...rest, attributes });

export const decodePlain = (text: string): SentMessage => ({
  attributes: [],
  ...decodeJson<Plain>(text),
});

export const encodeContents = (contents: Contents): string =>
  'plain' in contents ? encodePlain(contents.plain) : encodeJson({ sealed: contents.sealed });

export function decodeContents(text: string): Contents {
  const read = decodeJson<Plain | { sealed: Sealed }>(text);
  return 'sealed' in read ? read : { plain: { attributes: [], ...read } };
}
