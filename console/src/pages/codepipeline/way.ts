import type { Crumb } from '../../parts/title.ts';

/** Breadcrumbs: the listing, then the pipeline where one is on a page below it. */
export const toPipelines: readonly Crumb[] = [
  { text: 'Pipelines', service: 'codepipeline', fragment: '/pipelines' },
];

export const toPipeline = (name: string): readonly Crumb[] => [
  ...toPipelines,
  { text: name, service: 'codepipeline', fragment: `/view/${encodeURIComponent(name)}` },
];
