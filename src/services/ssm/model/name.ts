import { MAX_HIERARCHY_LEVELS, MAX_NAME_LENGTH } from '../limits.ts';

/** Why a new parameter may not have this name. */
export type NameProblem = { kind: 'reserved' | 'invalid'; message: string } | { kind: 'levels' };

const SUB_PATHS =
  'If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_';

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html */
export function nameProblem(name: string): NameProblem | undefined {
  const invalid = (message: string) => ({ kind: 'invalid' as const, message });
  const isPath = name.lastIndexOf('/') > 0;
  if (/^\/?aws/i.test(name)) {
    if (isPath && name.startsWith('/')) {
      return { kind: 'reserved', message: `No access to reserved parameter name: ${name}.` };
    }
    return invalid('Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).');
  }
  if (/^\/?ssm/i.test(name)) {
    return invalid(
      isPath
        ? `Parameter name: can't be prefixed with "ssm" (case-insensitive). ${SUB_PATHS}`
        : 'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).',
    );
  }
  if (
    !/^[a-zA-Z0-9_.\-/]+$/.test(name) ||
    name.includes('//') ||
    (name !== '/' && name.endsWith('/'))
  ) {
    return invalid(`Parameter name: can't be prefixed with "ssm" (case-insensitive). ${SUB_PATHS}`);
  }
  if (name.includes('/') && !name.startsWith('/'))
    return invalid('Parameter name must be a fully qualified name.');
  if (name.length > MAX_NAME_LENGTH) {
    return invalid(`Parameter name must not be longer than ${MAX_NAME_LENGTH} characters.`);
  }
  return name.split('/').filter(Boolean).length > MAX_HIERARCHY_LEVELS
    ? { kind: 'levels' }
    : undefined;
}

/** Whether a parameter lies below a path: directly, or at any depth. */
export function isBelow(name: string, path: string, recursive: boolean): boolean {
  const base = path.endsWith('/') ? path : `${path}/`;
  // Names without a slash lie below the root.
  const full = name.startsWith('/') ? name : `/${name}`;
  if (!full.startsWith(base)) return false;
  return recursive || !full.slice(base.length).includes('/');
}

/** What a call asks for: a name, and which version of it. */
export interface Reference {
  name: string;
  /** Whom else an ARN without a further slash may mean: `/one`, whose ARN is that of `one`. */
  twin?: string;
  version?: number;
  label?: string;
  /** As in answers: `:3`, `:label`. */
  selector?: string;
}

/** Takes `name`, `name:3`, `name:label`, and the same as ARNs; undefined when the ARN is of another account or region. */
export function parseReference(
  text: string,
  owner: { accountId: string; region: string },
): Reference | undefined {
  const arn = /^arn:[^:]+:ssm:([^:]*):([^:]*):parameter\/(.+)$/.exec(text);
  if (arn && (arn[1] !== owner.region || arn[2] !== owner.accountId)) return undefined;
  const [rest = '', selector] = splitSelector(arn ? (arn[3] ?? '') : text);
  const inHierarchy = rest.includes('/');
  const name = arn && inHierarchy ? `/${rest}` : rest;
  const named = { name, ...(arn && !inHierarchy && { twin: `/${rest}` }) };
  if (selector === undefined) return named;
  return /^\d+$/.test(selector)
    ? { ...named, version: Number(selector), selector: `:${selector}` }
    : { ...named, label: selector, selector: `:${selector}` };
}

function splitSelector(text: string): [string, string | undefined] {
  const colon = text.indexOf(':');
  return colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
}

/** `arn:aws:ssm:R:A:parameter/a/b`: a name's leading slash is the one after `parameter`. */
export function parameterArn(
  owner: { accountId: string; region: string; partition: string },
  name: string,
): string {
  const path = name.startsWith('/') ? name : `/${name}`;
  return `arn:${owner.partition}:ssm:${owner.region}:${owner.accountId}:parameter${path}`;
}
