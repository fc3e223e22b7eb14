import type { RequestFacts } from '../aws/context.ts';
import type { AnyResource, Located, Resource } from './resource.ts';
import type { Tags } from './tags.ts';

/** What a caller named, and of which kind that is. */
interface LocatedKind extends Located {
  kind: AnyResource;
  /** As its kind has it; undefined where it cannot be here, such as in another region. */
  own: Located | undefined;
}

interface Found {
  kind: AnyResource;
  thing: unknown;
}

type Tagged = Required<NonNullable<AnyResource['tags']>>;

/** A resource of one of several kinds, by its ARN: what operations on tags take. */
export type AnyOf = Resource<string | undefined, LocatedKind, Found>;

/** The tags of what was found, in their order. */
export const tagsOfAny = ({ kind, thing }: Found): Tags => (kind.tags as Tagged).of(thing);

/**
 * @param kinds each with tags that calls change
 * @param locate reads an ARN. @throws the service's own error for what is none of its ARNs
 * @param notFound the kind's own error, where nothing is said
 */
export function anyOf(
  kinds: readonly [AnyResource, ...AnyResource[]],
  locate: (caller: RequestFacts, arn: string | undefined) => LocatedKind,
  notFound: (located: LocatedKind) => Error = ({ kind, own }) => kind.notFound(own),
): AnyOf {
  return {
    type: kinds[0].type,
    typeOf: ({ kind }) => kind.type,
    locate,
    parse: () => undefined,
    async find(db, { kind, own }) {
      const thing = own && (await kind.find(db, own));
      return thing === undefined ? undefined : { kind, thing };
    },
    notFound,
    ...(kinds.some(({ known }) => known) && {
      known: ({ kind, thing }: Found, { own }: LocatedKind) => kind.known?.(thing, own) ?? {},
    }),
    tags: {
      of: tagsOfAny,
      save: (tx, { kind, thing }, tags) => (kind.tags as Tagged).save(tx, thing, tags),
      rules: ({ kind, thing }) => (kind.tags as Tagged).rules(thing),
    },
    // Only where there are any: a policy has to be looked for before the caller is asked about.
    ...(kinds.some(({ policy }) => policy) && {
      policy: {
        of: ({ kind, thing }: Found, caller: RequestFacts) => kind.policy?.of(thing, caller),
      },
    }),
  };
}
