import { NormalizedSchema } from '@smithy/core/schema';
import { ownValue, setOwn } from '../lib/own.ts';
import type { SecretWhere } from './record-facts.ts';

/** Stands where a text was that nobody but its owner may read: AWS's words. */
export const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';

/** Makes of a value what may be kept and shown; undefined for what may not. */
export type Redact = (value: unknown) => unknown;

/**
 * Members that are secrets whatever their model says: it does not mark session tokens, which open a session together
 * with a key that it does mark, nor passwords in maps.
 */
export const SECRET_NAME =
  /^(?:.*password|plaintext|secret|secretaccesskey|secretbinary|secretstring|sessiontoken|oauthtoken|clientsecret)$/i;

/**
 * Makes the function that copies values of a shape without what the model marks as sensitive, without secrets by
 * name, and without bytes, which are contents and not facts. Member names begin with a small letter, as CloudTrail's do.
 * @param secrets further members that hold secrets: `EnvironmentVariable.value`
 */
export function redactorOf(
  schema: unknown,
  secrets: readonly (string | SecretWhere)[] = [],
): Redact {
  const hidden = new Set(secrets.filter((secret) => typeof secret === 'string'));
  const hiddenWhere = new Map(
    secrets.filter((secret) => typeof secret !== 'string').map((s) => [s.member, s.where]),
  );
  const known = new Map<unknown, Redact>();

  function redactor(of: NormalizedSchema): Redact {
    if (of.getMergedTraits().sensitive) return hide;
    if (of.isListSchema() || of.isMapSchema() || of.isStructSchema()) return aggregate(of);
    if (of.isBlobSchema() || of.isStreaming()) return leaveOut;
    return of.isTimestampSchema() ? timestamp : plain;
  }

  function aggregate(of: NormalizedSchema): Redact {
    const shape = of.getSchema();
    const made = known.get(shape);
    if (made) return made;
    let copy: Redact | undefined;
    // Shapes may contain themselves: what is inside is looked at when there is something inside.
    const redact: Redact = (value) => {
      if (value === null || typeof value !== 'object') return undefined;
      copy ??= copierOf(of);
      return copy(value);
    };
    known.set(shape, redact);
    return redact;
  }

  function copierOf(of: NormalizedSchema): Redact {
    if (of.isListSchema()) return listCopier(redactor(of.getValueSchema()));
    if (of.isMapSchema()) return mapCopier(redactor(of.getValueSchema()));
    const shape = of.getName()?.replace(/^.*#/, '');
    const members = Object.entries(of.getMemberSchemas()).map(([name, member]) => ({
      name,
      shown: name.charAt(0).toLowerCase() + name.slice(1),
      where: hiddenWhere.get(`${shape}.${name}`),
      redact:
        hidden.has(`${shape}.${name}`) || (SECRET_NAME.test(name) && holdsText(member))
          ? hide
          : redactor(member),
    }));
    return structCopier(members);
  }

  return redactor(NormalizedSchema.of(schema as never));
}

function holdsText(member: NormalizedSchema): boolean {
  return member.isStringSchema() || member.isBlobSchema();
}

const hide: Redact = (value) => (typeof value === 'string' ? HIDDEN : undefined);
const leaveOut: Redact = () => undefined;
const timestamp: Redact = (value) =>
  value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : undefined;
const plain: Redact = (value) => {
  if (value instanceof Uint8Array || typeof value === 'function') return undefined;
  return typeof value === 'bigint' ? Number(value) : value;
};

function listCopier(redact: Redact): Redact {
  return (list) => (Array.isArray(list) ? list.map(redact) : undefined);
}

function mapCopier(redact: Redact): Redact {
  return (map) =>
    Object.fromEntries(
      Object.entries(map as object).map(([key, value]) => [
        key,
        SECRET_NAME.test(key) ? hide(value) : redact(value),
      ]),
    );
}

interface Member {
  name: string;
  shown: string;
  redact: Redact;
  /** In which structures it is hidden though it is not in all. */
  where: SecretWhere['where'] | undefined;
}

/** Names stay, as those of members do. */
const hideValues: Redact = (value) =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.keys(value).map((key) => [key, HIDDEN]))
    : hide(value);

function structCopier(members: Member[]): Redact {
  return (struct) => {
    const copy: Record<string, unknown> = {};
    const values = struct as Record<string, unknown>;
    for (const { name, shown, redact, where } of members) {
      const value = ownValue(values, name);
      if (value === undefined || value === null) continue;
      const kept = where?.(values) ? hideValues(value) : redact(value);
      if (kept !== undefined) setOwn(copy, shown, kept);
    }
    return copy;
  };
}
