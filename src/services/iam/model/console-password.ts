import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** What OWASP asks of scrypt at least, for 16 MiB: people choose these passwords, so that guessing one has to be dear. */
const COST: ScryptOptions = { N: 2 ** 14, r: 8, p: 5 };
const BYTES = 32;

const derived = (password: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    // The same password has several forms in Unicode.
    scrypt(password.normalize('NFC'), salt, BYTES, COST, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });

/** What is stored of a password by which a user signs in: `SALT:KEY`, in hex. */
export async function hashConsolePassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `${salt.toString('hex')}:${(await derived(password, salt)).toString('hex')}`;
}

export async function isConsolePassword(password: string, hash: string): Promise<boolean> {
  const [salt = '', expected = ''] = hash.split(':');
  const key = await derived(password, Buffer.from(salt, 'hex'));
  return timingSafeEqual(key, Buffer.from(expected, 'hex'));
}

/** Whether it is one of those; one after the other, since each takes a thread and 16 MiB. */
export async function isAnyOf(password: string, hashes: readonly string[]): Promise<boolean> {
  for (const hash of hashes) if (await isConsolePassword(password, hash)) return true;
  return false;
}
