import type { Setting } from './environment.ts';

/** An option as `describe-configuration-options` tells of it. */
export interface Option {
  namespace: string;
  name: string;
  fallback?: string;
  type: 'Scalar' | 'Boolean' | 'List';
  severity: 'NoInterruption' | 'RestartEnvironment' | 'RestartApplicationServer' | 'Unknown';
  values?: readonly string[];
  min?: number;
  max?: number;
  /** Values that AWS has and this server refuses. */
  refused?: readonly string[];
}

type Rest = Omit<Option, 'namespace' | 'name' | 'type' | 'severity'>;
type Row = [name: string, type: Option['type'], severity: Option['severity'], rest?: Rest];

const number = (fallback: string, min: number, max: number): Rest => ({ fallback, min, max });
const SOON = 'NoInterruption';
const REBUILD = 'RestartEnvironment';

/** Of what AWS has, what means something here. https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options-general.html */
const TABLE: Record<string, Row[]> = {
  'aws:autoscaling:asg': [
    ['MinSize', 'Scalar', SOON, number('1', 1, 50)],
    ['MaxSize', 'Scalar', SOON, number('4', 1, 50)],
    ['Cooldown', 'Scalar', SOON, number('360', 0, 10_000)],
  ],
  'aws:autoscaling:launchconfiguration': [
    ['IamInstanceProfile', 'Scalar', REBUILD],
    ['ImageId', 'Scalar', REBUILD],
    ['InstanceType', 'Scalar', REBUILD],
    ['SecurityGroups', 'List', REBUILD],
    ['EC2KeyName', 'Scalar', REBUILD],
    ['DisableIMDSv1', 'Boolean', REBUILD, { fallback: 'true' }],
  ],
  'aws:ec2:instances': [['InstanceTypes', 'List', REBUILD]],
  'aws:ec2:vpc': [
    ['VPCId', 'Scalar', REBUILD],
    ['Subnets', 'List', REBUILD],
    ['ELBSubnets', 'List', REBUILD],
    ['ELBScheme', 'Scalar', REBUILD, { fallback: 'public', values: ['public', 'internal'] }],
  ],
  'aws:elasticbeanstalk:application': [['Application Healthcheck URL', 'Scalar', SOON]],
  'aws:elasticbeanstalk:command': [
    [
      ...(['DeploymentPolicy', 'Scalar', SOON] as const),
      {
        fallback: 'AllAtOnce',
        values: ['AllAtOnce', 'Rolling'],
        refused: ['RollingWithAdditionalBatch', 'Immutable', 'TrafficSplitting'],
      },
    ],
    ['Timeout', 'Scalar', SOON, number('600', 1, 3600)],
    [
      ...(['BatchSizeType', 'Scalar', SOON] as const),
      { fallback: 'Percentage', values: ['Percentage', 'Fixed'] },
    ],
    ['BatchSize', 'Scalar', SOON, number('100', 1, 10_000)],
  ],
  'aws:elasticbeanstalk:environment': [
    [
      ...(['EnvironmentType', 'Scalar', REBUILD] as const),
      { fallback: 'LoadBalanced', values: ['LoadBalanced', 'SingleInstance'] },
    ],
    ['ServiceRole', 'Scalar', SOON],
    [
      ...(['LoadBalancerType', 'Scalar', REBUILD] as const),
      { fallback: 'application', values: ['application'], refused: ['classic', 'network'] },
    ],
  ],
  'aws:elasticbeanstalk:environment:process:default': [
    ['Port', 'Scalar', REBUILD, { fallback: '80', values: ['80'] }],
    [
      ...(['Protocol', 'Scalar', REBUILD] as const),
      { fallback: 'HTTP', values: ['HTTP'], refused: ['HTTPS'] },
    ],
    ['HealthCheckPath', 'Scalar', REBUILD, { fallback: '/' }],
    ['HealthCheckInterval', 'Scalar', REBUILD, number('15', 5, 300)],
    ['HealthCheckTimeout', 'Scalar', REBUILD, number('5', 1, 60)],
    ['HealthyThresholdCount', 'Scalar', REBUILD, number('3', 2, 10)],
    ['UnhealthyThresholdCount', 'Scalar', REBUILD, number('5', 2, 10)],
    ['MatcherHTTPCode', 'Scalar', REBUILD, { fallback: '200' }],
    ['DeregistrationDelay', 'Scalar', REBUILD, number('20', 0, 3600)],
    ['StickinessEnabled', 'Boolean', REBUILD, { fallback: 'false' }],
  ],
  'aws:elasticbeanstalk:healthreporting:system': [
    [
      ...(['SystemType', 'Scalar', SOON] as const),
      { fallback: 'enhanced', values: ['enhanced', 'basic'] },
    ],
  ],
  'aws:elasticbeanstalk:managedactions': [
    [
      ...(['ManagedActionsEnabled', 'Boolean', SOON] as const),
      { fallback: 'false', values: ['false'], refused: ['true'] },
    ],
  ],
  'aws:elasticbeanstalk:cloudwatch:logs': [
    [
      ...(['StreamLogs', 'Boolean', SOON] as const),
      { fallback: 'false', values: ['false'], refused: ['true'] },
    ],
  ],
};

const LISTENER: Row[] = [
  ['ListenerEnabled', 'Boolean', REBUILD, { fallback: 'true' }],
  [
    ...(['Protocol', 'Scalar', REBUILD] as const),
    { fallback: 'HTTP', values: ['HTTP'], refused: ['HTTPS', 'TCP', 'TLS'] },
  ],
  ['DefaultProcess', 'Scalar', REBUILD, { fallback: 'default', values: ['default'] }],
];

const optionIn = (namespace: string, [name, type, severity, rest]: Row): Option => ({
  ...{ namespace, name, type, severity },
  ...rest,
});

/** All but environment properties and further listeners. */
export const OPTIONS: Option[] = Object.entries({
  ...TABLE,
  'aws:elbv2:listener:default': LISTENER,
}).flatMap(([namespace, rows]) => rows.map((row) => optionIn(namespace, row)));

export const PROPERTIES = 'aws:elasticbeanstalk:application:environment';

export function optionOf(namespace: string, name: string): Option | undefined {
  const found = OPTIONS.find((one) => one.namespace === namespace && one.name === name);
  if (found) return found;
  const [, port] = /^aws:elbv2:listener:([1-9]\d{0,4})$/.exec(namespace) ?? [];
  const row = LISTENER.find(([of]) => of === name);
  if (port !== undefined && Number(port) < 65_536 && row) return optionIn(namespace, row);
  if (namespace === PROPERTIES)
    return { namespace, name, type: 'Scalar', severity: 'RestartApplicationServer' };
  return undefined;
}

/** A name that a process can have in its environment. */
const PROPERTY = /^[a-zA-Z_][a-zA-Z0-9_.:/+@-]{0,127}$/;
const MOST_PROPERTIES_BYTES = 4096;

/** What instances and balancers could make nothing of. */
const FORMS = [
  {
    ...{ namespace: PROPERTIES, name: 'PORT', why: 'Value is not a port that an application has.' },
    test: (value: string) =>
      /^[1-9]\d{0,4}$/.test(value) && Number(value) < 65_536 && Number(value) !== 80,
  },
  {
    ...{ namespace: 'aws:elasticbeanstalk:environment:process:default', name: 'HealthCheckPath' },
    ...{
      why: 'Value is not a path.',
      test: (value: string) => /^\/[\x21-\x7e]{0,1023}$/.test(value),
    },
  },
  {
    ...{ namespace: 'aws:elasticbeanstalk:environment:process:default', name: 'MatcherHTTPCode' },
    why: 'Value is not a list of status codes.',
    test: (value: string) =>
      /^[1-5]\d\d(?:-[1-5]\d\d)?(?:,[1-5]\d\d(?:-[1-5]\d\d)?){0,50}$/.test(value),
  },
];

export interface Problem {
  namespace: string;
  name: string;
  message: string;
  /** AWS has it: this server alone does not. */
  unsupported?: string;
}

const where = ({ namespace, name }: Setting) =>
  `(Namespace: '${namespace}', OptionName: '${name}')`;

/** What is wrong with settings, in AWS's words. */
export function problemsOf(settings: readonly Setting[]): Problem[] {
  const problems = settings.flatMap((setting): Problem[] => {
    const { namespace, name, value } = setting;
    const say = (message: string, unsupported?: string): Problem[] => [
      { namespace, name, message, ...(unsupported !== undefined && { unsupported }) },
    ];
    const option = optionOf(namespace, name);
    if (!option)
      return say(`Invalid option specification ${where(setting)}: Unknown configuration setting.`);
    if (namespace === PROPERTIES && !PROPERTY.test(name))
      return say(`Invalid option specification ${where(setting)}: Unknown configuration setting.`);
    if (value.includes('\0')) return invalidValue(setting, 'It has a NUL in it.');
    if (option.refused?.includes(value))
      return say(
        `${name} ${value} is not supported here.`,
        `the value ${value} of ${namespace} ${name}`,
      );
    const wants = FORMS.find((form) => form.namespace === namespace && form.name === name);
    if (wants && !wants.test(value)) return invalidValue(setting, wants.why);
    return valueProblem(option, setting);
  });
  const properties = settings.filter(({ namespace }) => namespace === PROPERTIES);
  const bytes = properties.reduce((sum, one) => sum + one.name.length + one.value.length + 2, 0);
  const [first] = properties;
  if (bytes > MOST_PROPERTIES_BYTES && first)
    problems.push({
      ...{ namespace: PROPERTIES, name: first.name },
      message: `Environment properties have more than ${MOST_PROPERTIES_BYTES} bytes in all.`,
    });
  const process = 'aws:elasticbeanstalk:environment:process:default';
  const seconds = (name: string) =>
    Number(
      settings.find((one) => one.namespace === process && one.name === name)?.value ??
        optionOf(process, name)?.fallback,
    );
  if (seconds('HealthCheckTimeout') >= seconds('HealthCheckInterval'))
    problems.push({
      ...{ namespace: process, name: 'HealthCheckTimeout' },
      message: 'HealthCheckTimeout must be smaller than HealthCheckInterval.',
    });
  return problems;
}

const invalidValue = (setting: Setting, why: string): Problem[] => [
  {
    ...{ namespace: setting.namespace, name: setting.name },
    message: `Invalid option value: '${setting.value.slice(0, 200)}' ${where(setting)}: ${why}`,
  },
];

function valueProblem(option: Option, setting: Setting): Problem[] {
  const { value } = setting;
  if (option.type === 'Boolean' && !['true', 'false'].includes(value))
    return invalidValue(setting, 'Value is not one of the allowed values: [true, false]');
  if (option.values && !option.values.includes(value))
    return invalidValue(
      setting,
      `Value is not one of the allowed values: [${option.values.join(', ')}]`,
    );
  if (option.min === undefined || option.max === undefined) return [];
  if (!/^\d{1,9}$/.test(value)) return invalidValue(setting, 'Value is not a number.');
  if (Number(value) < option.min)
    return invalidValue(setting, `Value is less than minimum allowed value: ${option.min}`);
  if (Number(value) > option.max)
    return invalidValue(setting, `Value exceeds maximum allowed value: ${option.max}`);
  return [];
}

/** Does an environment that runs have to be made anew for it? */
export const needsRebuild = ({ namespace, name }: Pick<Setting, 'namespace' | 'name'>): boolean =>
  optionOf(namespace, name)?.severity === REBUILD;
