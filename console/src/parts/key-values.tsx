import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import type { ReactNode } from 'react';

/** For what machines call something, among facts. */
export const mono = (text: string | undefined) => text && <span className="mono">{text}</span>;

/** A resource's facts: `[['Name', name], …]`; what is undefined shows as a dash. */
export function KeyValues({
  header,
  actions,
  columns = 4,
  items,
}: {
  header?: string;
  actions?: ReactNode;
  columns?: number;
  items: readonly (readonly [label: string, value: ReactNode])[];
}) {
  return (
    <Container
      header={
        header === undefined ? undefined : (
          <Header variant="h2" actions={actions}>
            {header}
          </Header>
        )
      }
    >
      <KeyValuePairs
        columns={columns}
        items={items.map(([label, value]) => ({
          label,
          value: value === undefined || value === '' || value === null ? '–' : value,
        }))}
      />
    </Container>
  );
}
