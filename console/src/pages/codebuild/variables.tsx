import type { Build, EnvironmentVariable } from '@aws-sdk/client-codebuild';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { Empty } from '../../parts/empty.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { looksSecret, VARIABLE_TYPES } from './build-text.ts';

/** Values of parameters and secrets are never known here: what is shown is their names. */
export function Variables({
  build,
}: {
  build: Pick<Build, 'environment' | 'exportedEnvironmentVariables'>;
}) {
  const variables = build.environment?.environmentVariables ?? [];
  const exported = build.exportedEnvironmentVariables ?? [];
  return (
    <SpaceBetween size="l">
      <TablePage<EnvironmentVariable>
        noun="variables"
        title="Environment variables"
        items={variables}
        keyOf={({ name = '' }) => name}
        empty={<Empty title="The build has no environment variables of its own." />}
        columns={[
          {
            id: 'name',
            header: 'Name',
            names: true,
            by: ({ name }) => name,
            cell: ({ name }) => <span className="mono">{name}</span>,
          },
          { id: 'value', header: 'Value', cell: (variable) => <Value variable={variable} /> },
          {
            id: 'type',
            header: 'Type',
            by: ({ type }) => type,
            cell: ({ type = 'PLAINTEXT' }) => VARIABLE_TYPES[type],
          },
        ]}
      />
      {exported.length > 0 && (
        <TablePage
          noun="variables"
          title="Exported variables"
          items={exported}
          keyOf={({ name = '' }) => name}
          empty={undefined}
          columns={[
            {
              id: 'name',
              header: 'Name',
              names: true,
              by: ({ name }) => name,
              cell: ({ name }) => <span className="mono">{name}</span>,
            },
            {
              id: 'value',
              header: 'Value',
              by: ({ value }) => value,
              cell: ({ value }) => <span className="mono">{value}</span>,
            },
          ]}
        />
      )}
    </SpaceBetween>
  );
}

function Value({ variable }: { variable: EnvironmentVariable }) {
  const [shown, setShown] = useState(!looksSecret(variable));
  if (shown) return <span className="mono">{variable.value}</span>;
  return (
    <Button
      variant="inline-link"
      ariaLabel={`Show ${variable.name}`}
      onClick={() => setShown(true)}
    >
      Show
    </Button>
  );
}
