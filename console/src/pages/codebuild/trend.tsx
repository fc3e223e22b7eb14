import type { Build } from '@aws-sdk/client-codebuild';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { go } from '../../app/router.ts';
import { statusKind, statusText } from '../../parts/status-kind.ts';
import { durationText } from '../../parts/time-text.ts';
import { useBuilds } from './build-table.tsx';
import { tookOf } from './build-text.ts';
import './trend.css';
import { buildPath } from './start-build.ts';

const SHOWN = 60;

/** What the last builds took, one bar each, the newest at the right. */
export function Trend({ ids }: { ids: readonly string[] }) {
  const { found } = useBuilds(ids.slice(0, 100));
  const ended = ids
    .slice(0, SHOWN)
    .flatMap((id) => {
      const build = found.get(id);
      const took = build && tookOf(build);
      return build && took !== undefined ? [{ build, took }] : [];
    })
    .reverse();
  if (ended.length < 2) return null;
  const times = ended.map(({ took }) => took).sort((a, b) => a - b);
  const longest = Math.max(1_000, ...times);
  const middle = times[Math.floor(times.length / 2)] ?? 0;
  const good = ended.filter(({ build }) => build.buildStatus === 'SUCCEEDED').length;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={`${good} of the last ${ended.length} succeeded; half of them took ${durationText(middle)} or less, the longest ${durationText(longest)}.`}
        >
          Durations
        </Header>
      }
    >
      <ol className="trend" aria-label="Durations of the last builds">
        {ended.map(({ build, took }) => (
          <Bar key={build.id} build={build} took={took} share={took / longest} />
        ))}
      </ol>
    </Container>
  );
}

function Bar({ build, took, share }: { build: Build; took: number; share: number }) {
  const { id = '', buildNumber, buildStatus } = build;
  const text = `Build ${buildNumber}: ${statusText(buildStatus)}, ${durationText(took)}`;
  return (
    <li>
      <a
        href={buildPath(id)}
        title={text}
        aria-label={text}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          go(buildPath(id));
        }}
      >
        <span
          className={`trend-${statusKind(buildStatus)}`}
          style={{ height: `${Math.max(3, share * 100)}%` }}
        />
      </a>
    </li>
  );
}
