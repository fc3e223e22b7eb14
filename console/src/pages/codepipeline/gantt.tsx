import type { ActionExecutionDetail } from '@aws-sdk/client-codepipeline';
import Popover from '@cloudscape-design/components/popover';
import { GivenLink } from '../../parts/place-link.tsx';
import { Status } from '../../parts/status.tsx';
import { statusKind, statusText } from '../../parts/status-kind.ts';
import { Time, useNow } from '../../parts/time.tsx';
import './gantt.css';
import { type Bar, ganttOf, type Phases } from './gantt-rows.ts';

/** A run on a line of time: a row an action, with the phases of builds in its bar. */
export function GanttChart({
  details,
  phases,
}: {
  details: readonly ActionExecutionDetail[];
  phases: Phases;
}) {
  const { bars, ticks } = ganttOf(details, phases, useNow());
  return (
    <section className="gantt" aria-label="Actions on a line of time">
      {bars.map((bar, i) => (
        <div className="gantt-row" key={bar.key}>
          <div className="gantt-name">
            {bars[i - 1]?.stage !== bar.stage && <small className="quiet">{bar.stage}</small>}
            <span>{bar.action}</span>
          </div>
          <div className="gantt-line">
            {ticks.map(({ at }) => (
              <i key={at} className="tick" style={{ insetInlineStart: `${at}%` }} />
            ))}
            <div
              className="gantt-place"
              style={{ insetInlineStart: `${bar.from}%`, width: `${bar.width}%` }}
            >
              <Popover
                triggerType="custom"
                size="large"
                renderWithPortal
                dismissButton={false}
                header={`${bar.stage} / ${bar.action}`}
                content={<BarDetail bar={bar} />}
              >
                <button
                  type="button"
                  className={`bar ${statusKind(bar.status)}`}
                  aria-label={`${bar.stage} / ${bar.action}: ${statusText(bar.status)}, ${bar.took}`}
                >
                  {bar.pieces.map((piece) => (
                    <i
                      key={piece.text}
                      className={piece.failed ? 'piece failed' : 'piece'}
                      style={{
                        insetInlineStart: `${((piece.from - bar.from) / bar.width) * 100}%`,
                        width: `${(piece.width / bar.width) * 100}%`,
                      }}
                    />
                  ))}
                </button>
              </Popover>
            </div>
            <small
              className="took"
              style={
                bar.from + bar.width < 80
                  ? { insetInlineStart: `${bar.from + bar.width}%` }
                  : { insetInlineEnd: `${100 - bar.from}%` }
              }
            >
              {bar.took}
            </small>
          </div>
        </div>
      ))}
      <div className="gantt-row" aria-hidden="true">
        <div className="gantt-name" />
        <div className="gantt-line ticks">
          {ticks.map(({ at, text }) => (
            <small key={at} style={{ insetInlineStart: `${at}%` }}>
              {text}
            </small>
          ))}
        </div>
      </div>
    </section>
  );
}

function BarDetail({ bar: { detail, took, pieces } }: { bar: Bar }) {
  const result = detail.output?.executionResult;
  const message = result?.errorDetails?.message ?? result?.externalExecutionSummary;
  return (
    <div>
      <Status of={detail.status} /> in {took}, started <Time at={detail.startTime} />
      {message && <div>{message}</div>}
      {pieces.map(({ text, failed }) => (
        <div key={text} className={failed ? 'failed-text' : 'quiet'}>
          <small>{text}</small>
        </div>
      ))}
      {result?.externalExecutionUrl !== undefined && (
        <GivenLink url={result.externalExecutionUrl}>Details</GivenLink>
      )}
    </div>
  );
}
