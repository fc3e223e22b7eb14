import type { LifecycleEvent } from '@aws-sdk/client-codedeploy';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Modal from '@cloudscape-design/components/modal';
import { useState } from 'react';
import { Empty } from '../../parts/empty.tsx';
import { KeyValues, mono } from '../../parts/key-values.tsx';
import { plainOf } from '../../parts/log/ansi.ts';
import { Status } from '../../parts/status.tsx';
import { Duration, Time } from '../../parts/time.tsx';
import { eventNames, type Target } from './deployment-text.ts';
import './matrix.css';

/** Instances × lifecycle events: what happened where, how long it took, and what its script said. */
export function Matrix({ targets, loading }: { targets: readonly Target[]; loading: boolean }) {
  const [open, setOpen] = useState<{ target: string; event: string }>();
  const names = eventNames(targets);
  const event = targets
    .find(({ id }) => id === open?.target)
    ?.events.find(({ lifecycleEventName }) => lifecycleEventName === open?.event);
  return (
    <Container
      header={
        <Header variant="h2" counter={`(${targets.length})`}>
          Deployment lifecycle events
        </Header>
      }
    >
      {targets.length === 0 ? (
        <Empty
          title={loading ? 'Loading instances' : 'No instance is part of this deployment yet.'}
        />
      ) : (
        <div className="matrix">
          <table aria-label="Deployment lifecycle events">
            <thead>
              <tr>
                <th scope="col">Instance</th>
                <th scope="col">Status</th>
                {names.map((name) => (
                  <th scope="col" key={name}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {targets.map((target) => (
                <tr key={target.id}>
                  <th scope="row">
                    <span className="mono" title={target.arn}>
                      {target.id}
                    </span>
                    {target.label && (
                      <small> {target.label === 'Blue' ? 'Original' : 'Replacement'}</small>
                    )}
                  </th>
                  <td>
                    <Status of={target.status} />
                  </td>
                  {names.map((name) => (
                    <Cell
                      key={name}
                      name={`${name} on ${target.id}`}
                      event={target.events.find((one) => one.lifecycleEventName === name)}
                      open={() => setOpen({ target: target.id, event: name })}
                    />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {open && event && (
        <Told target={open.target} event={event} close={() => setOpen(undefined)} />
      )}
    </Container>
  );
}

function Cell({
  event,
  name,
  open,
}: {
  event: LifecycleEvent | undefined;
  name: string;
  open: () => void;
}) {
  if (!event) return <td>–</td>;
  return (
    <td>
      <button type="button" onClick={open} aria-label={`${name}: ${event.status}`}>
        <Status of={event.status} />
        {event.startTime && event.status !== 'Skipped' && (
          <small>
            <Duration from={event.startTime} to={event.endTime} />
          </small>
        )}
      </button>
    </td>
  );
}

function Told({
  target,
  event,
  close,
}: {
  target: string;
  event: LifecycleEvent;
  close: () => void;
}) {
  const { diagnostics, status, startTime, endTime, lifecycleEventName = '' } = event;
  return (
    <Modal visible size="large" header={`${lifecycleEventName} on ${target}`} onDismiss={close}>
      <KeyValues
        columns={3}
        items={[
          ['Status', <Status key="s" of={status} />],
          ['Started', <Time key="t" at={startTime} />],
          ['Duration', <Duration key="d" from={startTime} to={endTime} />],
          ['Error code', diagnostics?.errorCode],
          ['Script name', mono(diagnostics?.scriptName)],
          ['Message', diagnostics?.message],
        ]}
      />
      <Box margin={{ top: 'm' }}>
        {diagnostics?.logTail ? (
          <section className="script-log" aria-label="Script log">
            {diagnostics.logTail.split('\n').map((line, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
              <div key={i}>
                {plainOf(line)}
                {'\n'}
              </div>
            ))}
          </section>
        ) : (
          'The host has sent no log of this event: it sends the end of it where a script fails.'
        )}
      </Box>
    </Modal>
  );
}
