import {
  CodePipelineClient,
  GetPipelineCommand,
  GetPipelineStateCommand,
} from '@aws-sdk/client-codepipeline';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useAws } from '../../api/use-aws.ts';
import { fragmentOf } from '../../app/place.ts';
import { go } from '../../app/router.ts';
import { Page } from '../../parts/page.tsx';
import type { PageProps } from '../page.ts';
import { ApproveDialog } from './approve-dialog.tsx';
import { RollbackDialog, StopDialog, TransitionDialog } from './dialogs.tsx';
import { flowOf, runsIn } from './flow.ts';
import { ReleaseDialog } from './release-dialog.tsx';
import { RunDots } from './run-dots.tsx';
import { StageCard, type StageDeed } from './stage-card.tsx';
import { toPipelines } from './way.ts';
import './pipeline.css';

type Deed = StageDeed | { deed: 'release' } | { deed: 'stop'; executionId: string };

/** A pipeline drawn, live. An approval's address (`/view/NAME/STAGE/ACTION/approve/TOKEN`) is this page with its box open. */
export default function Pipeline({ params }: PageProps<'name', 'stage' | 'action' | 'token'>) {
  const { name, stage, action, token } = params;
  const definition = useAws(CodePipelineClient, new GetPipelineCommand({ name }));
  const state = useAws(CodePipelineClient, new GetPipelineStateCommand({ name }));
  const [deed, setDeed] = useState<Deed | undefined>(
    stage && action && token ? { deed: 'review', stage, action, token } : undefined,
  );
  const states = state.data?.stageStates ?? [];
  const flow = flowOf(definition.data?.pipeline?.stages ?? [], states);
  const runs = runsIn(states);
  const close = () => {
    setDeed(undefined);
    if (token !== undefined) go({ fragment: fragmentOf('/view/:name', { name }) }, 'replace');
  };
  const { pipelineType, executionMode } = definition.data?.pipeline ?? {};
  return (
    <Page
      title={name}
      crumbs={toPipelines}
      error={definition.error ?? state.error}
      loading={definition.isPending || state.isPending}
      again={() => {
        void definition.refetch();
        void state.refetch();
      }}
      description={
        <span className="line">
          {[pipelineType, executionMode?.toLowerCase()].filter(Boolean).join(', ')}{' '}
          <RunDots pipeline={name} />
        </span>
      }
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={() => go({ fragment: fragmentOf('/view/:name/history', { name }) })}>
            History
          </Button>
          <Button onClick={() => go({ fragment: fragmentOf('/view/:name/edit', { name }) })}>
            Edit
          </Button>
          <ButtonDropdown
            disabled={runs.length === 0}
            items={runs.map((id) => ({ id, text: `Run ${id.slice(0, 8)}…` }))}
            onItemClick={({ detail }) => setDeed({ deed: 'stop', executionId: detail.id })}
          >
            Stop
          </ButtonDropdown>
          <Button variant="primary" onClick={() => setDeed({ deed: 'release' })}>
            Release change
          </Button>
        </SpaceBetween>
      }
    >
      <div className="flow">
        {flow.map((one, i) => (
          <StageCard key={one.name} pipeline={name} stage={one} first={i === 0} ask={setDeed} />
        ))}
      </div>
      {deed && <Dialog pipeline={name} deed={deed} close={close} />}
    </Page>
  );
}

function Dialog({ pipeline, deed, close }: { pipeline: string; deed: Deed; close: () => void }) {
  const of = { pipeline, close };
  switch (deed.deed) {
    case 'release':
      return <ReleaseDialog {...of} />;
    case 'stop':
      return <StopDialog {...of} executionId={deed.executionId} />;
    case 'transition':
      return <TransitionDialog {...of} stage={deed.stage} open={deed.open} />;
    case 'rollback':
      return <RollbackDialog {...of} stage={deed.stage} />;
    case 'review':
      return <ApproveDialog {...of} waiting={deed} />;
  }
}
