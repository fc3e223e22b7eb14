import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { NormalizedSchema } from '@smithy/core/schema';
import { expect, test } from 'vitest';
import type { Api } from '../../src/aws/protocols/protocol.ts';
import { findBotocore, loadModel, type ModelShape } from './botocore.ts';

// Wire schemas of our own against botocore's models, which are not part of the project: what is compared are facts.

const botocore = findBotocore();

/** What a schema says that goes over the wire: names, types, what must be there, what is hidden, and where it stands. */
type Facts = unknown;

interface Bound {
  shape: string;
  location?: string;
  locationName?: string;
}

function ofSchema(schema: NormalizedSchema): Facts {
  const hidden = schema.getMergedTraits().sensitive ? ['hidden'] : [];
  if (schema.isListSchema()) return { list: ofSchema(schema.getValueSchema()) };
  if (schema.isMapSchema()) return { map: ofSchema(schema.getValueSchema()) };
  if (schema.isStructSchema()) {
    const required = (schema.getSchema() as unknown[])[6] as number;
    const members = [...schema.structIterator()].map(([name, member], index) => {
      const { httpLabel, httpQuery } = member.getMergedTraits();
      const place = httpLabel ? 'uri' : httpQuery ? `query ${httpQuery}` : 'body';
      return [name, { of: ofSchema(member), must: index < required, place }];
    });
    return Object.fromEntries(members);
  }
  if (schema.isBooleanSchema()) return 'boolean';
  if (schema.isTimestampSchema()) return 'timestamp';
  return schema.isNumericSchema() ? 'integer' : ['string', ...hidden].join(' ');
}

function ofModel(shapes: Record<string, ModelShape>, { shape: name }: Bound): Facts {
  const {
    type,
    member,
    value,
    members = {},
    required = [],
    sensitive,
  } = shapes[name] as ModelShape;
  if (type === 'list') return { list: ofModel(shapes, member as Bound) };
  if (type === 'map') return { map: ofModel(shapes, value as Bound) };
  if (type !== 'structure') return sensitive ? `${type} hidden` : type;
  return Object.fromEntries(
    Object.entries(members as Record<string, Bound>).map(([member, bound]) => {
      const { location, locationName } = bound;
      const place = location === 'querystring' ? `query ${locationName}` : (location ?? 'body');
      return [member, { of: ofModel(shapes, bound), must: required.includes(member), place }];
    }),
  );
}

interface Operation {
  http: { method: string; requestUri: string };
  input: Bound;
  output: Bound;
}

const apis = join(import.meta.dirname, '..', '..', 'src', 'aws', 'apis');
const written = readdirSync(apis)
  .filter((file) => file !== 'shapes.ts')
  .map((file) => file.replace(/\.ts$/, ''));

test.skipIf(!botocore).each(written)(
  'the schemas of %s are those of its model',
  async (service) => {
    if (!botocore) return;
    const { api }: { api: Api } = await import(join(apis, `${service}.ts`));
    const { operations, shapes, metadata } = loadModel(botocore, service);
    expect(api.version).toBe(metadata.apiVersion);
    const model = Object.entries(operations as unknown as Record<string, Operation>).map(
      ([name, { http, input, output }]) => {
        // botocore calls a label as it is called in the path, the SDK's schemas as the member.
        const its = shapes[input.shape]?.members as Record<string, Bound>;
        const path = Object.entries(its).reduce(
          (text, [member, { location, locationName }]) =>
            location === 'uri' ? text.replace(`{${locationName}}`, `{${member}}`) : text,
          http.requestUri,
        );
        return [
          name,
          {
            method: http.method,
            path,
            input: ofModel(shapes, input),
            output: ofModel(shapes, output),
          },
        ];
      },
    );
    const own = Object.entries(api.operations).map(([name, schema]) => {
      // Protocols that name the operation in a header have one address.
      const { http: [method, path] = ['POST', '/'] } = (schema[3] || {}) as {
        http?: [string, string, number];
      };
      const [input, output] = [schema[4], schema[5]].map((one) =>
        ofSchema(NormalizedSchema.of(one as never)),
      );
      return [name, { method, path, input, output }];
    });
    expect(Object.fromEntries(own)).toEqual(Object.fromEntries(model));
  },
);
