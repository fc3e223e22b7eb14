import { NormalizedSchema } from '@smithy/core/schema';
import type { Api } from './protocol.ts';
import { decodeUri } from './uri.ts';

/** What distinguishes one operation of a REST API from the others, read once from its schema. */
interface RestOperation {
  name: string;
  method: string;
  path: { regexp: RegExp; labels: string[] };
  /** Labels that stand outside the path template: S3's Bucket, which the host name or the first segment carries. */
  outerLabels: string[];
  literals: [string, string][];
  requiredQuery: string[];
  requiredHeaders: string[];
}

export interface RestMatch {
  operation: string;
  /** Decoded path labels. */
  labels: Record<string, string>;
}

export type RestRouter = (
  method: string,
  path: string,
  query: URLSearchParams,
  headers: Record<string, string>,
  outer: Record<string, string>,
) => RestMatch | undefined;

/**
 * Compiles the HTTP bindings of an API's operations into a router. Several operations share a path
 * (PutObject, UploadPart, CopyObject): the one with the most satisfied requirements wins, which is
 * also AWS's rule that `?uploadId` makes a PUT an UploadPart.
 * @param path undecoded, without the bucket for S3
 */
export function compileRestRouter(api: Api): RestRouter {
  const operations = Object.keys(api.operations).flatMap((name) => readBinding(api, name) ?? []);
  const demands = (o: RestOperation) =>
    o.literals.length + o.requiredQuery.length + o.requiredHeaders.length;
  operations.sort((a, b) => demands(b) - demands(a));
  return (method, path, query, headers, outer) => {
    const given = Object.keys(outer).join();
    for (const operation of operations) {
      if (operation.method !== method || operation.outerLabels.join() !== given) continue;
      const match = operation.path.regexp.exec(path);
      if (!match || !satisfied(operation, query, headers)) continue;
      const values = match.slice(1).map(decodeUri);
      const inner = Object.fromEntries(operation.path.labels.map((l, i) => [l, values[i] ?? '']));
      return { operation: operation.name, labels: { ...outer, ...inner } };
    }
    return undefined;
  };
}

function satisfied(
  operation: RestOperation,
  query: URLSearchParams,
  headers: Record<string, string>,
): boolean {
  return (
    operation.literals.every(
      ([name, value]) => query.has(name) && (value === '' || query.get(name) === value),
    ) &&
    operation.requiredQuery.every((name) => query.has(name)) &&
    operation.requiredHeaders.every((name) => headers[name] !== undefined)
  );
}

function readBinding(api: Api, name: string): RestOperation | undefined {
  const schema = api.operations[name];
  if (!schema) return undefined;
  const traits = schema[3] as { http?: [string, string, number] };
  if (!traits.http) return undefined;
  const [method, uri] = traits.http;
  const [path = '/', queryText = ''] = uri.split('?');
  const literals = [...new URLSearchParams(queryText)].filter(([key]) => key !== 'x-id');
  const input = NormalizedSchema.of(schema[4] as never);
  const required = requiredMembers(schema[4], input);
  const bound = required.map((member) => input.getMemberSchema(member).getMergedTraits());
  const compiled = compilePath(path);
  const labels = input.isStructSchema()
    ? Object.entries(input.getMemberSchemas()).filter(([, m]) => m.getMergedTraits().httpLabel)
    : [];
  return {
    name,
    method,
    path: compiled,
    outerLabels: labels.map(([label]) => label).filter((label) => !compiled.labels.includes(label)),
    literals: literals as [string, string][],
    requiredQuery: bound.flatMap((t) => (t.httpQuery ? [t.httpQuery as string] : [])),
    requiredHeaders: bound.flatMap((t) =>
      t.httpHeader ? [(t.httpHeader as string).toLowerCase()] : [],
    ),
  };
}

/** A structure's last number says how many of its first members are required. */
function requiredMembers(schema: unknown, input: NormalizedSchema): string[] {
  const resolved = (typeof schema === 'function' ? schema() : schema) as unknown[];
  const count = typeof resolved[6] === 'number' ? resolved[6] : 0;
  return input.isStructSchema() ? Object.keys(input.getMemberSchemas()).slice(0, count) : [];
}

function compilePath(path: string): RestOperation['path'] {
  const labels: string[] = [];
  const pattern = path.replace(/\{([^}+]+)(\+?)\}|[.*+?^$()|[\]\\]/g, (text, label, greedy) => {
    if (label === undefined) return `\\${text}`;
    labels.push(label);
    return greedy ? '(.+)' : '([^/]+)';
  });
  return { regexp: new RegExp(`^${pattern}$`, 's'), labels };
}
