/** A call as somebody would make it with the `aws` command. Pure. */

/** Where the command is not called as its signing name says. */
const COMMANDS: Record<string, string> = {
  s3: 's3api',
  codedeploy: 'deploy',
  monitoring: 'cloudwatch',
  states: 'stepfunctions',
  elasticloadbalancing: 'elbv2',
};

/** As botocore's `xform_name` does it. */
export function kebab(name: string): string {
  return name
    .replace(/([A-Z]+)([A-Z][a-z]+)/g, '$1-$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/--/g, '-')
    .toLowerCase();
}

/** A word for a POSIX shell. */
export const shellWord = (text: string) =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

const isScalar = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

const isPlain = (value: unknown) =>
  isScalar(value) || (Array.isArray(value) && value.length > 0 && value.every(isScalar));

/** Values that begin with these mean files to the command. */
const opensFile = (text: string) => /^(file|fileb|https?):\/\//.test(text) || text.startsWith('-');

function option(name: string, value: unknown): string {
  const flag = `--${kebab(name)}`;
  if (typeof value === 'boolean') return value ? flag : `--no-${kebab(name)}`;
  if (Array.isArray(value)) return [flag, ...value.map((item) => shellWord(`${item}`))].join(' ');
  const text = `${value}`;
  return opensFile(text) ? `${flag}=${shellWord(text)}` : `${flag} ${shellWord(text)}`;
}

/** What nobody should see over a shoulder, or copy into a history of commands. */
const SECRET = new Set([
  ...['Password', 'NewPassword', 'OldPassword', 'SecretString', 'SecretBinary', 'SecretAccessKey'],
]);
const HIDDEN = '********';

/** More bytes than these are a file of the user's; a command line has no room for them. */
const MOST_BYTES = 8_192;

const isLarge = (value: unknown): value is Uint8Array =>
  value instanceof Uint8Array && value.length > MOST_BYTES;

function base64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** JSON as the command reads it: times as ISO texts, bytes in base64. */
const asJson = (input: object) =>
  JSON.stringify(input, (key, value: unknown) => {
    if (SECRET.has(key) && value !== undefined) return HIDDEN;
    if (!(value instanceof Uint8Array)) return value;
    return isLarge(value) ? `(${value.length} bytes)` : base64(value);
  });

export interface Said {
  service: string;
  operation: string;
  input: object;
  region?: string | undefined;
}

/**
 * The shortest that works: an option for each member where all are plain, else the whole input as JSON. Secrets are not said,
 * and what is large is to be put into a file: the reader fills in both.
 * @param region named where it is given
 */
export function asCommand({ service, operation, input, region }: Said): string {
  const command = `aws ${Object.hasOwn(COMMANDS, service) ? COMMANDS[service] : service} ${kebab(operation)}`;
  const members = Object.entries(input).filter(([, value]) => value !== undefined);
  const large = members.filter(([, value]) => isLarge(value));
  const files = large.map(([name]) => ` --${kebab(name)} fileb://FILE`).join('');
  const rest = region === undefined ? '' : ` --region ${shellWord(region)}`;
  const others = members.filter(([, value]) => !isLarge(value));
  const said = others.every(([, value]) => isPlain(value))
    ? others.map(([name, value]) => ` ${option(name, SECRET.has(name) ? HIDDEN : value)}`).join('')
    : ` --cli-input-json ${shellWord(asJson(Object.fromEntries(others)))}`;
  const sizes = large.map(([name, value]) => `${name}: ${(value as Uint8Array).length} bytes`);
  const word = large.length === 0 ? '' : ` # FILE: what was sent as ${sizes.join(', ')}`;
  return `${command}${said}${files}${rest}${word}`;
}
