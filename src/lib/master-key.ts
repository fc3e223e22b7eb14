import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readText, writeOnce } from './files.ts';
import { StartError } from './start-error.ts';

const KEY = /^[0-9a-f]{64}$/;

/**
 * The key that everything secret of a server is sealed with: 32 bytes, as hex in `file`, made at the first start.
 * @param sealed what is sealed with it already, such as the path of a database; undefined for a new server
 * @throws StartError when it is not there and something is sealed with it, or when it is no key
 */
export function masterKey(file: string, sealed: string | undefined): Buffer {
  if (!existsSync(file)) {
    if (sealed !== undefined) {
      throw new StartError(
        `${file} is missing, and ${sealed} is sealed with it: put it back from a backup. ` +
          'Without it nothing of what the server keeps can be read.',
      );
    }
    return parse(file, writeOnce(file, randomBytes(32).toString('hex'), 0o600));
  }
  return parse(file, readText(file));
}

function parse(file: string, text: string): Buffer {
  const hex = text.trim();
  if (KEY.test(hex)) return Buffer.from(hex, 'hex');
  const what = hex === '' ? 'is empty' : 'is damaged: a key is 64 hexadecimal digits';
  throw new StartError(
    `${file} ${what}. Put it back from a backup; without it nothing of what the server keeps can be read.`,
  );
}
