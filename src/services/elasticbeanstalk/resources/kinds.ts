import { type Arn, formatArn } from '../../../aws/arn.ts';
import type { Tx } from '../../../db/database.ts';
import {
  byName,
  defineResource,
  type Located,
  type Named,
  type Place,
  type Resource,
  tagObject,
} from '../../../kit/resource.ts';
import { type TagRules, tagsOf } from '../../../kit/tags.ts';
import {
  invalid,
  noApplication,
  noEnvironment,
  noTemplate,
  noVersion,
  tooManyTags,
} from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import { type Environment, environmentArn } from '../model/environment.ts';
import {
  type Application,
  findApplication,
  findPart,
  putApplication,
  putPart,
  type Template,
  type Version,
} from '../store/applications.ts';
import { findByName, findEnvironment, updateEnvironment } from '../store/environments.ts';

const SERVICE = 'elasticbeanstalk';

export const TAG_RULES: TagRules = {
  most: MAX_TAGS,
  reserved: (key) => invalid(`Tag keys cannot begin with 'aws:' or 'elasticbeanstalk:': ${key}`),
  tooMany: tooManyTags,
};

export const application = defineResource<string | undefined, Named, Application>({
  type: 'AWS::ElasticBeanstalk::Application',
  ...byName(SERVICE, 'application/'),
  find: (db, { name, ...owner }) => findApplication(db, owner, name),
  notFound: ({ name }) => noApplication(name),
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, thing, tags) => putApplication(tx, { ...thing, tags: tagObject(tags) }),
    rules: () => TAG_RULES,
  },
});

interface PartName {
  application: string | undefined;
  name: string | undefined;
}

interface LocatedPart extends Located {
  application: string;
  name: string;
}

/** What an application has by names: `PREFIX/APPLICATION/NAME`. */
function partAt(prefix: string) {
  const at = (place: Place, { application: of = '', name = '' }: PartName): LocatedPart => {
    const { accountId, region, partition } = place;
    const resource = `${prefix}/${of}/${name}`;
    const arn = formatArn({ partition, service: SERVICE, region, accountId, resource });
    return { accountId, region, application: of, name, arn };
  };
  return {
    locate: at as (place: Place, named: PartName) => LocatedPart,
    parse(arn: Arn): LocatedPart | undefined {
      const [kind, of, ...rest] = arn.resource.split('/');
      if (arn.service !== SERVICE || kind !== prefix || !of || rest.length === 0) return undefined;
      return at(arn, { application: of, name: rest.join('/') });
    },
  };
}

export const version = defineResource<PartName, LocatedPart, Version>({
  type: 'AWS::ElasticBeanstalk::ApplicationVersion',
  ...partAt('applicationversion'),
  find: (db, located) => findPart(db, located, 'version', located),
  notFound: ({ name }) => noVersion(name),
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, thing, tags) => putPart(tx, 'version', { ...thing, tags: tagObject(tags) }),
    rules: () => TAG_RULES,
  },
});

export const template = defineResource<PartName, LocatedPart, Template>({
  type: 'AWS::ElasticBeanstalk::ConfigurationTemplate',
  ...partAt('configurationtemplate'),
  find: (db, located) => findPart(db, located, 'template', located),
  notFound: ({ name }) => noTemplate(name),
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, thing, tags) => putPart(tx, 'template', { ...thing, tags: tagObject(tags) }),
    rules: () => TAG_RULES,
  },
});

interface EnvironmentName {
  application?: string | undefined;
  name?: string | undefined;
  id?: string | undefined;
}

interface LocatedEnvironment extends Located, EnvironmentName {}

const environmentAt = (place: Place, named: EnvironmentName): LocatedEnvironment => {
  const { accountId, region, partition } = place;
  const { application: of, name, id } = named;
  const resource = `environment/${of ?? '*'}/${name ?? '*'}`;
  const arn = formatArn({ partition, service: SERVICE, region, accountId, resource });
  return { accountId, region, arn, application: of, name, id };
};

/** By its id where that is said, and by its name: which of an account and region is one alone. */
async function findNamed(db: Tx, located: LocatedEnvironment): Promise<Environment | undefined> {
  const { id, name, application: of } = located;
  const found =
    id !== undefined
      ? await findEnvironment(db, located, id)
      : name !== undefined
        ? await findByName(db, located, name)
        : undefined;
  const isIt =
    (name === undefined || found?.name === name) &&
    (of === undefined || found?.application === of) &&
    found?.status !== 'Terminated';
  return isIt ? found : undefined;
}

export const environment = defineResource<EnvironmentName, LocatedEnvironment, Environment>({
  type: 'AWS::ElasticBeanstalk::Environment',
  locate: environmentAt,
  parse(arn) {
    const [kind, of, name, more] = arn.resource.split('/');
    if (arn.service !== SERVICE || kind !== 'environment' || !of || !name || more !== undefined)
      return undefined;
    return environmentAt(arn, { application: of, name });
  },
  find: findNamed,
  check({ id, name }) {
    if (id === undefined && name === undefined)
      throw invalid('You must specify either EnvironmentId or EnvironmentName.');
  },
  known: (thing) => ({ arn: environmentArn(thing, thing), accountId: thing.accountId }),
  named: ({ arn }) => arn,
  notFound: ({ id, name = '' }) =>
    id === undefined ? noEnvironment('EnvironmentName', name) : noEnvironment('EnvironmentId', id),
  tags: {
    of: ({ body }) => tagsOf(body.tags),
    save: (tx, thing, tags) =>
      updateEnvironment(tx, { ...thing, body: { ...thing.body, tags: tagObject(tags) } }),
    rules: () => TAG_RULES,
  },
});

// biome-ignore lint/suspicious/noExplicitAny: each kind has names of its own
export const kinds: Resource<any, any, any>[] = [application, version, template, environment];
