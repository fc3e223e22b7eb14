import type { Tx } from '../../../db/database.ts';
import {
  at,
  defineResource,
  type Located,
  on,
  type Place,
  tagObject,
} from '../../../kit/resource.ts';
import { tagsOf } from '../../../kit/tags.ts';
import { ruleNotFound } from '../errors.ts';
import { DEFAULT_BUS, ruleArn } from '../model/names.ts';
import type { Rule } from '../model/rule.ts';
import { findBus } from '../store/buses.ts';
import { findRule, saveRule } from '../store/rules.ts';
import { bus, TAG_RULES } from './bus.ts';

/** How calls name a rule. */
interface RuleNamed {
  name: string | undefined;
  bus?: string | undefined;
}

export interface LocatedRule extends Located {
  bus: string;
  name: string;
}

/** A rule with the policy of its bus, which lets other accounts in. */
interface PolicedRule extends Rule {
  policy?: string | undefined;
}

const placed = (place: Place, its: string, name: string): LocatedRule => ({
  ...{ accountId: place.accountId, region: place.region, bus: its, name },
  arn: ruleArn(place, its, name),
});

const PREFIX = 'rule/';

/** `rule/NAME` of the default bus, `rule/BUS/NAME` of others. */
function parsed(place: Place & { resource: string }): LocatedRule | undefined {
  if (!place.resource.startsWith(PREFIX)) return undefined;
  const path = place.resource.slice(PREFIX.length);
  const end = path.lastIndexOf('/');
  return end < 0
    ? placed(place, DEFAULT_BUS, path)
    : placed(place, path.slice(0, end), path.slice(end + 1));
}

async function find(db: Tx, located: LocatedRule): Promise<PolicedRule | undefined> {
  const found = await findRule(db, located, located.name);
  if (!found) return undefined;
  const its = await findBus(db, located, located.bus);
  return { ...found, policy: its?.policy };
}

export const rule = defineResource<RuleNamed, LocatedRule, PolicedRule>({
  type: 'AWS::Events::Rule',
  locate(caller, { name = '', bus: named }) {
    const its = bus.locate(caller, named);
    return placed({ ...its, partition: caller.partition }, its.name, name);
  },
  parse: parsed,
  find,
  notFound: ({ name, bus: its }) => ruleNotFound(name, its),
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, { policy: _, ...found }, tags) => saveRule(tx, { ...found, tags: tagObject(tags) }),
    rules: () => TAG_RULES,
  },
  policy: { of: ({ policy }) => policy },
});

interface NamesRule {
  Name: string | undefined;
  EventBusName?: string | undefined;
}
interface NamesItsRule {
  Rule: string | undefined;
  EventBusName?: string | undefined;
}
const named = ({ Name, EventBusName }: NamesRule) => ({ name: Name, bus: EventBusName });
const itsNamed = ({ Rule: name, EventBusName }: NamesItsRule) => ({ name, bus: EventBusName });

export const onRule = on(rule, named);
export const atRule = at(rule, named);
/** The same of operations on targets. */
export const onItsRule = on(rule, itsNamed);
export const atItsRule = at(rule, itsNamed);
