import {
  type Action,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyRuleCommand,
  type Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { append } from '../../../../lib/append.ts';
import * as messages from '../../model/messages.ts';
import { isNetwork, isOfPair, type Pair, weighted } from '../../model/strategies/weights.ts';
import { asked, type Outside, Refused } from './driver.ts';

const OF_ELB = {
  service: 'AmazonElasticLoadBalancing',
  code: 'ELASTIC_LOAD_BALANCING_INVALID',
} as const;
/** A listener has a hundred rules, by default. */
const MOST_PAGES = 20;

/** ARNs of the target groups of these names. @throws Refused where one is not there */
export async function groupArns(outside: Outside, names: readonly string[]): Promise<string[]> {
  const elb = outside.client(ElasticLoadBalancingV2Client);
  const request = new DescribeTargetGroupsCommand({ Names: [...names] });
  const { TargetGroups = [] } = await asked(outside, OF_ELB, elb.send(request));
  return names.map((name) => {
    const found = TargetGroups.find(({ TargetGroupName }) => TargetGroupName === name);
    if (!found?.TargetGroupArn) throw new Refused(OF_ELB.code, messages.noTargetGroup(name));
    return found.TargetGroupArn;
  });
}

/** The rules of a listener that lead to the pair, and to nothing else. @throws Refused where there are none */
export async function rulesOf(outside: Outside, listener: string, pair: Pair): Promise<Rule[]> {
  const elb = outside.client(ElasticLoadBalancingV2Client);
  const all: Rule[] = [];
  let Marker: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const request = new DescribeRulesCommand({ ListenerArn: listener, Marker });
    const { Rules = [], NextMarker } = await asked(outside, OF_ELB, elb.send(request));
    append(all, Rules);
    if (!NextMarker) break;
    Marker = NextMarker;
  }
  const own = all.filter(({ Actions }) => Actions?.some((action) => isOfPair(action, pair)));
  if (own.length === 0) throw new Refused(OF_ELB.code, messages.noRule(listener));
  return own;
}

/** Of a hundred requests that the listener leads to the pair, so many go to its green side. */
export async function shiftListener(
  outside: Outside,
  listener: string,
  pair: Pair & { percent: number },
): Promise<void> {
  const elb = outside.client(ElasticLoadBalancingV2Client);
  for (const { RuleArn, IsDefault, Actions = [] } of await rulesOf(outside, listener, pair)) {
    const actions: Action[] = Actions.map((action) =>
      isOfPair(action, pair) ? weighted(action, pair, isNetwork(listener)) : action,
    );
    const done = IsDefault
      ? elb.send(new ModifyListenerCommand({ ListenerArn: listener, DefaultActions: actions }))
      : elb.send(new ModifyRuleCommand({ RuleArn, Actions: actions }));
    await asked(outside, OF_ELB, done as Promise<object>);
  }
}
