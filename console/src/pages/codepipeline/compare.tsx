import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { durationText } from '../../parts/time-text.ts';
import type { PageProps } from '../page.ts';
import { comparisonOf, type Line } from './comparison.ts';
import { useRun } from './use-run.ts';
import { toPipeline } from './way.ts';

const cell = (text: string, differs: boolean) => (
  <span className={differs ? 'differs' : 'quiet'}>{text === '' ? '–' : text}</span>
);

/** Two runs side by side: revisions, variables, and how each action went and how long it took. */
export default function Compare({ params: { name, a, b } }: PageProps<'name' | 'a' | 'b'>) {
  const [one, other] = [useRun(name, a), useRun(name, b)];
  const lines = comparisonOf(
    { execution: one.run.data?.pipelineExecution, details: one.details },
    { execution: other.run.data?.pipelineExecution, details: other.details },
    durationText,
  );
  return (
    <Page
      title={`${a.slice(0, 8)} and ${b.slice(0, 8)}`}
      crumbs={toPipeline(name)}
      error={one.run.error ?? other.run.error ?? one.actions.error ?? other.actions.error}
      loading={one.run.isPending || other.run.isPending}
    >
      <TablePage<Line>
        noun="lines"
        title="What differs stands out"
        items={lines}
        keyOf={({ key }) => key}
        columns={[
          { id: 'what', header: 'What', names: true, by: (l) => l.key, cell: (l) => l.key },
          { id: 'a', header: a.slice(0, 8), by: (l) => l.a, cell: (l) => cell(l.a, l.differs) },
          { id: 'b', header: b.slice(0, 8), by: (l) => l.b, cell: (l) => cell(l.b, l.differs) },
        ]}
        empty={<Empty title="There is nothing to compare yet." />}
      />
    </Page>
  );
}
