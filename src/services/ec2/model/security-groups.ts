import type { IpPermission } from '@aws-sdk/client-ec2';
import { ownValue } from '../../../lib/own.ts';
import { derivedId, newId } from './ids.ts';
import { vpcOf } from './network.ts';

export interface Rule {
  id: string;
  egress: boolean;
  protocol: string;
  from: number;
  to: number;
  /** One of these four. */
  cidr?: string;
  cidr6?: string;
  group?: string;
  prefixList?: string;
  description?: string;
}

export interface SecurityGroup {
  id: string;
  name: string;
  description: string;
  rules: Rule[];
}

interface Place {
  accountId: string;
  region: string;
}

/** All that leaves is let out, as in a new group at AWS. */
const outward = (id: string): Rule => ({
  ...{ id, egress: true, protocol: '-1', from: -1, to: -1, cidr: '0.0.0.0/0' },
});

/** The one that every VPC has. */
export function defaultGroup({ accountId, region }: Place): SecurityGroup {
  const id = derivedId('sg', accountId, region, vpcOf({ accountId, region }));
  const inward: Rule = {
    ...{ id: derivedId('sgr', id, 'in'), egress: false, protocol: '-1', from: -1, to: -1 },
    group: id,
  };
  return {
    ...{ id, name: 'default', description: 'default VPC security group' },
    rules: [inward, outward(derivedId('sgr', id, 'out'))],
  };
}

export const newGroup = (name: string, description: string): SecurityGroup => ({
  ...{ id: newId('sg'), name, description },
  rules: [outward(newId('sgr'))],
});

/** 255 characters of these. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html */
const TEXT = /^[a-zA-Z0-9 ._:/()#,@[\]+=&;{}!$*-]{1,255}$/;

export const isGroupText = (text: string): boolean => TEXT.test(text);

const CIDR = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/;
const CIDR6 = /^[0-9a-fA-F:.]{2,45}\/\d{1,3}$/;

const isCidr = (text: string): boolean => {
  const [, address = '', bits = '33'] = CIDR.exec(text) ?? [];
  return Number(bits) <= 32 && address.split('.').every((part) => Number(part) <= 255);
};

/** What rules permissions come to, one for each source; undefined for what makes no sense. */
export function rulesOf(permissions: readonly IpPermission[], egress: boolean): Rule[] | undefined {
  const rules: Rule[] = [];
  for (const permission of permissions) {
    const { IpProtocol = '', FromPort, ToPort } = permission;
    const numbers: Record<string, string> = {
      '6': 'tcp',
      '17': 'udp',
      '1': 'icmp',
      '58': 'icmpv6',
    };
    const protocol = ownValue(numbers, IpProtocol) ?? IpProtocol;
    if (!/^(tcp|udp|icmp|icmpv6|-1|\d{1,3})$/.test(protocol)) return undefined;
    const ports = protocol === 'tcp' || protocol === 'udp';
    const [from, to] = ports ? [FromPort, ToPort] : [FromPort ?? -1, ToPort ?? -1];
    if (from === undefined || to === undefined) return undefined;
    if (ports && (from < 0 || to > 65_535 || from > to)) return undefined;
    const base = { egress, protocol, ...(protocol === '-1' ? { from: -1, to: -1 } : { from, to }) };
    const add = (of: Partial<Rule>, Description: string | undefined) =>
      rules.push({
        ...{ id: newId('sgr'), ...base, ...of },
        ...(Description !== undefined && { description: Description }),
      });
    for (const { CidrIp = '', Description } of permission.IpRanges ?? []) {
      if (!isCidr(CidrIp)) return undefined;
      add({ cidr: CidrIp }, Description);
    }
    for (const { CidrIpv6 = '', Description } of permission.Ipv6Ranges ?? []) {
      if (!CIDR6.test(CidrIpv6)) return undefined;
      add({ cidr6: CidrIpv6 }, Description);
    }
    for (const { GroupId, Description } of permission.UserIdGroupPairs ?? []) {
      if (GroupId === undefined) return undefined;
      add({ group: GroupId }, Description);
    }
    for (const { PrefixListId = '', Description } of permission.PrefixListIds ?? [])
      add({ prefixList: PrefixListId }, Description);
  }
  return rules;
}

/** What tells a rule from another of its group: all but its id and its description. */
export const sameRule = (a: Rule, b: Rule): boolean =>
  (['egress', 'protocol', 'from', 'to', 'cidr', 'cidr6', 'group', 'prefixList'] as const).every(
    (name) => a[name] === b[name],
  );

/** How AWS's texts name a rule. */
export function ruleWords(rule: Rule): string {
  const peer = rule.cidr ?? rule.cidr6 ?? rule.group ?? rule.prefixList ?? '';
  const protocol = rule.protocol === '-1' ? 'ALL' : rule.protocol.toUpperCase();
  return `peer: ${peer}, ${protocol}, from port: ${rule.from}, to port: ${rule.to}, ALLOW`;
}

/** The rules of one direction, as the API groups them: by protocol and ports. */
export function permissionsOf(
  rules: readonly Rule[],
  egress: boolean,
  accountId: string,
): IpPermission[] {
  const grouped = Map.groupBy(
    rules.filter((rule) => rule.egress === egress),
    ({ protocol, from, to }) => `${protocol} ${from} ${to}`,
  );
  return [...grouped.values()].map((same) => {
    const [first] = same as [Rule];
    const said = ({ description }: Rule) =>
      description !== undefined && { Description: description };
    return {
      IpProtocol: first.protocol,
      ...(first.protocol !== '-1' && { FromPort: first.from, ToPort: first.to }),
      IpRanges: same.flatMap((rule) => (rule.cidr ? { CidrIp: rule.cidr, ...said(rule) } : [])),
      Ipv6Ranges: same.flatMap((rule) =>
        rule.cidr6 ? { CidrIpv6: rule.cidr6, ...said(rule) } : [],
      ),
      UserIdGroupPairs: same.flatMap((rule) =>
        rule.group ? { GroupId: rule.group, UserId: accountId, ...said(rule) } : [],
      ),
      PrefixListIds: same.flatMap((rule) =>
        rule.prefixList ? { PrefixListId: rule.prefixList, ...said(rule) } : [],
      ),
    };
  });
}
