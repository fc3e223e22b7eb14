import { need } from '../../../kit/resource.ts';
import {
  allAttributes,
  BALANCER_ATTRIBUTES,
  GROUP_ATTRIBUTES,
  LISTENER_ATTRIBUTES,
  readAttributes,
} from '../model/attributes.ts';
import { checkTogether } from '../model/group-attributes.ts';
import { layerOf } from '../model/protocols.ts';
import { changed } from '../reconcilers/change.ts';
import { balancer, group, listener, onBalancer, onGroup, onListener } from '../resources/kinds.ts';
import { updateBalancer } from '../store/balancers.ts';
import { updateGroup, userOf } from '../store/groups.ts';
import { updateListener } from '../store/listeners.ts';
import { elbv2 } from './declare.ts';

export const describeLoadBalancerAttributes = elbv2(
  'describeLoadBalancerAttributes',
  onBalancer,
  async (_ctx, _input, { type, attributes }) => ({
    Attributes: allAttributes(BALANCER_ATTRIBUTES[type], attributes),
  }),
);

export const modifyLoadBalancerAttributes = elbv2(
  'modifyLoadBalancerAttributes',
  onBalancer,
  async (ctx, input, { arn, type }) => {
    const rules = BALANCER_ATTRIBUTES[type];
    const read = readAttributes(rules, input.Attributes ?? []);
    return ctx.transaction(async (tx) => {
      const found = await need(tx, balancer, balancer.locate(ctx, arn));
      const attributes = { ...found.attributes, ...read };
      await updateBalancer(tx, { ...found, attributes });
      await changed(ctx, tx, arn);
      return { Attributes: allAttributes(rules, attributes) };
    });
  },
);

export const describeTargetGroupAttributes = elbv2(
  'describeTargetGroupAttributes',
  onGroup,
  async (_ctx, _input, { protocol, attributes }) => ({
    Attributes: allAttributes(GROUP_ATTRIBUTES[layerOf(protocol)], attributes),
  }),
);

export const modifyTargetGroupAttributes = elbv2(
  'modifyTargetGroupAttributes',
  onGroup,
  async (ctx, input, { arn, protocol }) => {
    const rules = GROUP_ATTRIBUTES[layerOf(protocol)];
    const read = readAttributes(rules, input.Attributes ?? []);
    return ctx.transaction(async (tx) => {
      const found = await need(tx, group, group.locate(ctx, arn));
      const attributes = { ...found.attributes, ...read };
      checkTogether(rules, attributes);
      await updateGroup(tx, { ...found, attributes });
      const user = await userOf(tx, arn);
      if (user !== undefined) await changed(ctx, tx, user);
      return { Attributes: allAttributes(rules, attributes) };
    });
  },
);

export const describeListenerAttributes = elbv2(
  'describeListenerAttributes',
  onListener,
  async (_ctx, _input, { protocol, attributes }) => ({
    Attributes: allAttributes(LISTENER_ATTRIBUTES[protocol], attributes),
  }),
);

export const modifyListenerAttributes = elbv2(
  'modifyListenerAttributes',
  onListener,
  async (ctx, input, { arn, protocol }) => {
    const rules = LISTENER_ATTRIBUTES[protocol];
    const read = readAttributes(rules, input.Attributes ?? []);
    return ctx.transaction(async (tx) => {
      const found = await need(tx, listener, listener.locate(ctx, arn));
      const attributes = { ...found.attributes, ...read };
      await updateListener(tx, { ...found, attributes });
      await changed(ctx, tx, found.balancerArn);
      return { Attributes: allAttributes(rules, attributes) };
    });
  },
);
