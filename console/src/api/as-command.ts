/** A call as somebody would make it with the `aws` command. Pure. */

/** Where the command is not called as its signing name says. */
const COMMANDS: Record<string, string> = {
  s3: 's3api',
  codedeploy: 'deploy',
  monitoring: 'cloudwatch',
  states: 'stepfunctions',
  servicediscovery: 'servicediscovery',
  elasticloadbalancing: 'elbv2',
  'codestar-connections': 'codestar-connections',
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

/** JSON as the command reads it: times as ISO texts, bytes in base64. */
const asJson = (input: object, indent?: number) =>
  JSON.stringify(
    input,
    (_, value: unknown) =>
      value instanceof Uint8Array ? btoa(String.fromCharCode(...value.subarray(0, 60_000))) : value,
    indent,
  );

export interface Said {
  service: string;
  operation: string;
  input: object;
  region?: string | undefined;
}

/**
 * The shortest that works: an option for each member where all are plain, else the whole input as JSON.
 * @param region named where it is given
 */
export function asCommand({ service, operation, input, region }: Said): string {
  const command = `aws ${Object.hasOwn(COMMANDS, service) ? COMMANDS[service] : service} ${kebab(operation)}`;
  const members = Object.entries(input).filter(([, value]) => value !== undefined);
  const rest = region === undefined ? '' : ` --region ${shellWord(region)}`;
  if (members.every(([, value]) => isPlain(value)))
    return `${[command, ...members.map(([name, value]) => option(name, value))].join(' ')}${rest}`;
  return `${command} --cli-input-json ${shellWord(asJson(Object.fromEntries(members)))}${rest}`;
}
