import { formatArn, parseArn } from '../../../aws/arn.ts';
import { defineResource, type Located, tagObject } from '../../../kit/resource.ts';
import { type TagRules, tagsOf } from '../../../kit/tags.ts';
import { invalidResource, reservedTag, tooManyTags } from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import { parameterArn, parseReference, type Reference } from '../model/name.ts';
import type { Parameter } from '../model/parameter.ts';
import { findParameter, setTags } from '../store/parameters.ts';

interface LocatedParameter extends Located {
  /** Those that it may have: in an ARN the name of one in a hierarchy has lost its first slash. */
  names: string[];
  /** What the text means where a version may be named; nothing for an ARN of another account or region. */
  reference?: Reference | undefined;
}

export const TAG_RULES: TagRules = {
  most: MAX_TAGS,
  reserved: reservedTag,
  tooMany: tooManyTags,
};

export const parameter = defineResource<string | undefined, LocatedParameter, Parameter>({
  type: 'AWS::SSM::Parameter',
  locate(caller, text = '') {
    const reference = parseReference(text, caller);
    const { accountId, region } = (!reference && parseArn(text)) || caller;
    const arn = reference ? parameterArn(caller, reference.name) : text;
    return { accountId, region, arn, names: [text], reference };
  },
  parse(arn) {
    const [, name] = /^parameter\/(.+)$/s.exec(arn.resource) ?? [];
    if (name === undefined) return undefined;
    const { accountId, region } = arn;
    return { accountId, region, arn: formatArn(arn), names: [name, `/${name}`] };
  },
  async find(db, { names, ...owner }) {
    for (const name of names) {
      const found = await findParameter(db, owner, name);
      if (found) return found;
    }
    return undefined;
  },
  notFound: invalidResource,
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, found, tags) => setTags(tx, found, tagObject(tags)),
    rules: () => TAG_RULES,
  },
});
