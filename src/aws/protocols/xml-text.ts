import { ownValue } from '../../lib/own.ts';

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};

/** Text made safe to stand between XML tags or in a double-quoted attribute. Characters that XML cannot carry are dropped. */
export function escapeXml(text: string): string {
  return text.replace(FORBIDDEN, '').replace(/[&<>"\r]/g, (c) => ownValue(ENTITIES, c) ?? c);
}

/** Control characters, without tab and line ends, have no place in XML 1.0, not even escaped. */
const FORBIDDEN = /(?![\t\n\r])\p{Cc}/gu;
