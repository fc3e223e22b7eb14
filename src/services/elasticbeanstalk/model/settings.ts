import type { Environment, Setting } from './environment.ts';
import { optionOf } from './options.ts';

export const NS = {
  group: 'aws:autoscaling:asg',
  launch: 'aws:autoscaling:launchconfiguration',
  instances: 'aws:ec2:instances',
  vpc: 'aws:ec2:vpc',
  application: 'aws:elasticbeanstalk:application',
  properties: 'aws:elasticbeanstalk:application:environment',
  command: 'aws:elasticbeanstalk:command',
  environment: 'aws:elasticbeanstalk:environment',
  process: 'aws:elasticbeanstalk:environment:process:default',
  listener: 'aws:elbv2:listener:',
} as const;

export type Of = Pick<Environment, 'body'> | { settings: readonly Setting[] };
const given = (of: Of) => ('body' in of ? of.body.settings : of.settings);

/** The value of an option: what was given, or its default. */
export function settingOf(of: Of, namespace: string, name: string): string {
  const found = given(of).find((one) => one.namespace === namespace && one.name === name);
  return found?.value ?? optionOf(namespace, name)?.fallback ?? '';
}

export const numberOf = (of: Of, namespace: string, name: string): number =>
  Number(settingOf(of, namespace, name));

/** Of an option that is a list. */
export const listOf = (of: Of, namespace: string, name: string): string[] =>
  settingOf(of, namespace, name)
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');

export const isBalanced = (of: Of): boolean =>
  settingOf(of, NS.environment, 'EnvironmentType') !== 'SingleInstance';

/** How many instances it has at least, and at most. */
export function sizeOf(of: Of): { least: number; most: number } {
  if (!isBalanced(of)) return { least: 1, most: 1 };
  const least = numberOf(of, NS.group, 'MinSize');
  return { least, most: Math.max(least, numberOf(of, NS.group, 'MaxSize')) };
}

/** Environment properties of the application. */
export function propertiesOf(of: Of): Record<string, string> {
  const all = given(of).filter(({ namespace }) => namespace === NS.properties);
  return Object.fromEntries(all.map(({ name, value }) => [name, value]));
}

/** Where the application listens. https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/nodejs-platform-proxy.html */
export const portOf = (of: Of): number => Number(propertiesOf(of).PORT ?? 8080);

/** The ports of the balancer: 80, unless that was turned off, and those of its own. */
export function listenersOf(of: Of): number[] {
  const ports = new Set<number>();
  if (settingOf(of, `${NS.listener}default`, 'ListenerEnabled') === 'true') ports.add(80);
  for (const { namespace } of given(of)) {
    const [, port = ''] = /^aws:elbv2:listener:(\d{1,5})$/.exec(namespace) ?? [];
    if (port && settingOf(of, namespace, 'ListenerEnabled') === 'true') ports.add(Number(port));
  }
  return [...ports];
}

/** How an instance is asked whether it is well. */
export const checkOf = (of: Of): { path: string; codes: string } => ({
  path:
    settingOf(of, NS.application, 'Application Healthcheck URL').replace(/^[A-Z]+:\d*/, '') ||
    settingOf(of, NS.process, 'HealthCheckPath'),
  // Alone, nobody but the process itself says how it is: what answers, and not with a fault of its own.
  codes: isBalanced(of) ? settingOf(of, NS.process, 'MatcherHTTPCode') : '200-499',
});

/** How many instances of so many are deployed to at a time. */
export function batchSize(of: Of, count: number): number {
  const size = numberOf(of, NS.command, 'BatchSize');
  if (settingOf(of, NS.command, 'BatchSizeType') === 'Fixed') return Math.max(1, size);
  // https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/using-features.rolling-version-deploy.html
  return Math.max(1, Math.floor((count * Math.min(size, 100)) / 100));
}

/** Settings with others put in and some taken out. */
export function merged(
  before: readonly Setting[],
  put: readonly Setting[],
  remove: readonly Pick<Setting, 'namespace' | 'name'>[] = [],
): Setting[] {
  const key = ({ namespace, name }: Pick<Setting, 'namespace' | 'name'>) => `${namespace}\n${name}`;
  const all = new Map(before.map((one) => [key(one), one]));
  for (const one of remove) all.delete(key(one));
  for (const one of put) all.set(key(one), one);
  return [...all.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
