import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';

/** ARNs of the two target groups of a deployment. */
export interface Pair {
  blue: string;
  green: string;
}

/** Listeners of Network Load Balancers have no weights (CD-CFG-04). */
export const isNetwork = (listenerArn: string): boolean => listenerArn.includes(':listener/net/');

const groupsOf = ({ TargetGroupArn, ForwardConfig }: Action): (string | undefined)[] =>
  ForwardConfig?.TargetGroups?.map((group) => group.TargetGroupArn) ?? [TargetGroupArn];

/** Does an action lead to the pair, and to nothing else? */
export function isOfPair(action: Action, { blue, green }: Pair): boolean {
  if (action.Type !== 'forward') return false;
  const groups = groupsOf(action);
  return groups.length > 0 && groups.every((arn) => arn === blue || arn === green);
}

/** The action with so many of a hundred requests for the green group, and all else as it was. */
export function weighted(
  action: Action,
  { blue, green, percent }: Pair & { percent: number },
  network: boolean,
): Action {
  const { Order, ForwardConfig } = action;
  const order = Order === undefined ? {} : { Order };
  if (network) return { ...order, Type: 'forward', TargetGroupArn: percent === 100 ? green : blue };
  return {
    ...order,
    Type: 'forward',
    ForwardConfig: {
      TargetGroups: [
        { TargetGroupArn: blue, Weight: 100 - percent },
        { TargetGroupArn: green, Weight: percent },
      ],
      ...(ForwardConfig?.TargetGroupStickinessConfig && {
        TargetGroupStickinessConfig: ForwardConfig.TargetGroupStickinessConfig,
      }),
    },
  };
}
