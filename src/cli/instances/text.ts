import { printable } from '../../lib/printable.ts';
import type { ShownInstance } from './instance.ts';

/** A block of lines for each instance. */
export function instancesText(instances: readonly ShownInstance[]): string {
  if (instances.length === 0)
    return 'There are no instances: aws ec2 run-instances makes one, slipway agent --register NAME registers a machine.\n';
  return instances.map(block).join('\n');
}

function block(instance: ShownInstance): string {
  const { id, kind, state, name, tags, lastDeployment: last } = instance;
  const title = [id, ...(name === undefined ? [] : [`(${name})`]), state].join(' ');
  const lines: [string, string | undefined][] = [
    ['kind', [kind, instance.type, instance.image].filter(Boolean).join(', ')],
    ['address', instance.address],
    ...instance.ports.map(({ port, targetGroup, health }): [string, string] => [
      'port',
      `${port} of the target group ${targetGroup}: ${health}`,
    ]),
    ['group', instance.autoScalingGroup],
    [
      'tags',
      Object.entries(tags)
        .map(([key, value]) => `${key}=${value}`)
        .join(' '),
    ],
    ['agent', instance.agentHeardAt ? `heard of at ${instance.agentHeardAt}` : 'not heard of yet'],
    [
      'deployed',
      last &&
        `${last.id} of ${last.application}/${last.group}: ${last.status}${last.at ? `, ${last.at}` : ''}`,
    ],
    ['files', instance.files],
    ['shell', instance.shell],
  ];
  const shown = lines.flatMap(([label, text]) =>
    text ? `  ${label.padEnd(9)}${printable(text)}\n` : [],
  );
  return `${printable(title)}\n${shown.join('')}`;
}
