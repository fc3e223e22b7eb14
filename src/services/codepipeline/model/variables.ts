import { ownValue, setOwn } from '../../../lib/own.ts';

/** Variable references in action configurations: `#{namespace.key}` (CP-C31). */
export interface VariableReference {
  namespace: string;
  key: string;
}

/** By namespace, then by key. */
export type Variables = Record<string, Record<string, string>>;

/** Namespaces that CodePipeline itself fills. */
export const RESERVED_NAMESPACES = ['codepipeline', 'variables'];

const REFERENCE = /#\{([^{}]*)\}/g;
const NAMESPACE = /^[A-Za-z0-9@\-_]+$/;

/** A `#{…}` that is not `namespace.key`. */
export class InvalidReference extends Error {}

/** The references in a configuration value. @throws InvalidReference */
export function referencesIn(value: string): VariableReference[] {
  return [...value.matchAll(REFERENCE)].map((match) => parseReference(match[1] ?? ''));
}

function parseReference(text: string): VariableReference {
  const dot = text.indexOf('.');
  const namespace = text.slice(0, dot);
  const key = text.slice(dot + 1);
  if (dot < 1 || key === '' || !NAMESPACE.test(namespace)) {
    throw new InvalidReference(
      `Invalid variable reference '#{${text}}'. Valid format for a pipeline execution variable reference is a namespace and a key separated by a period (.)`,
    );
  }
  return { namespace, key };
}

export type Resolution =
  | { ok: true; configuration: Record<string, string> }
  | { ok: false; unresolved: string };

/**
 * Puts values in place of references; names and namespaces are case-sensitive (CP-A24).
 * @param isMeant which namespaces make one of what looks like it; default: all
 */
export function resolveConfiguration(
  configuration: Record<string, string>,
  variables: Variables,
  isMeant: (namespace: string) => boolean = () => true,
): Resolution {
  const resolved: Record<string, string> = {};
  let unresolved: string | undefined;
  for (const [name, value] of Object.entries(configuration)) {
    const written = isJson(value) ? inJson : String;
    const text = value.replace(REFERENCE, (whole, reference: string) => {
      if (!isMeant(reference.slice(0, reference.indexOf('.')))) return whole;
      const found = lookUp(variables, reference);
      if (found === undefined) unresolved ??= whole;
      return found === undefined ? whole : written(found);
    });
    setOwn(resolved, name, text);
  }
  return unresolved === undefined
    ? { ok: true, configuration: resolved }
    : { ok: false, unresolved };
}

/**
 * Does a text stand where JSON is with its references, which are then within strings of it? What is put there stays in them:
 * the author of a commit's message says what a variable is, and not which others there are.
 */
function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text) || !text.includes('#{')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const inJson = (text: string) => JSON.stringify(text).slice(1, -1);

function lookUp(variables: Variables, text: string): string | undefined {
  const dot = text.indexOf('.');
  const namespace = text.slice(0, dot);
  const key = text.slice(dot + 1);
  const values = ownValue(variables, namespace);
  return values && ownValue(values, key);
}
