import { createHash } from 'node:crypto';

/** A metric's dimension. */
export interface Dimension {
  Name: string;
  Value: string;
}

/** What a metric is called. Its dimensions are part of its name. */
export interface MetricName {
  namespace: string;
  name: string;
  /** In order of their names. */
  dimensions: Dimension[];
}

interface GivenMetric {
  Namespace?: string | undefined;
  MetricName?: string | undefined;
  Dimensions?: readonly { Name?: string | undefined; Value?: string | undefined }[] | undefined;
}

/** A metric as calls name it. */
export function metricOf({ Namespace = '', MetricName = '', Dimensions = [] }: GivenMetric) {
  const dimensions = Dimensions.map(({ Name = '', Value = '' }) => ({ Name, Value }));
  dimensions.sort((a, b) => (a.Name < b.Name ? -1 : a.Name > b.Name ? 1 : 0));
  return { namespace: Namespace, name: MetricName, dimensions } satisfies MetricName;
}

/** By what the metric's data are found: the same for the same names in an account and region, whoever computes it. */
export function metricId(
  { accountId, region }: { accountId: string; region: string },
  { namespace, name, dimensions }: MetricName,
): string {
  const parts = [
    accountId,
    region,
    namespace,
    name,
    ...dimensions.flatMap((d) => [d.Name, d.Value]),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 32);
}
