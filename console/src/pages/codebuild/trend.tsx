import type { Build } from '@aws-sdk/client-codebuild';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { follow } from '../../app/router.ts';
import { statusKind, statusText } from '../../parts/status-kind.ts';
import { durationText } from '../../parts/time-text.ts';
import { useBuilds } from './build-table.tsx';
import { secondsOf } from './build-text.ts';
import './trend.css';
import { buildPath } from './start-dialog.tsx';

const SHOWN = 60;

/** What the last builds took, one bar each, the newest at the right. */
export function Trend({ ids }: { ids: readonly string[] }) {
  const { found } = useBuilds(ids.slice(0, 100));
  const builds = ids
    .slice(0, SHOWN)
    .flatMap((id) => found.get(id) ?? [])
    .filter((build) => secondsOf(build) !== undefined)
    .reverse();
  const seconds = builds.map((build) => secondsOf(build) ?? 0);
  const longest = Math.max(1, ...seconds);
  const middle = [...seconds].sort((a, b) => a - b)[Math.floor(seconds.length / 2)] ?? 0;
  const good = builds.filter(({ buildStatus }) => buildStatus === 'SUCCEEDED').length;
  if (builds.length < 2) return null;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={`${good} of the last ${builds.length} succeeded; half of them took ${durationText(middle * 1000)} or less, the longest ${durationText(longest * 1000)}.`}
        >
          Durations
        </Header>
      }
    >
      <ol className="trend" aria-label="Durations of the last builds">
        {builds.map((build) => (
          <Bar key={build.id} build={build} share={(secondsOf(build) ?? 0) / longest} />
        ))}
      </ol>
    </Container>
  );
}

function Bar({ build, share }: { build: Build; share: number }) {
  const { id = '', buildNumber, buildStatus } = build;
  const text = `Build ${buildNumber}: ${statusText(buildStatus)}, ${durationText((secondsOf(build) ?? 0) * 1000)}`;
  return (
    <li>
      <a
        href={buildPath(id)}
        title={text}
        aria-label={text}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          follow(new CustomEvent('follow', { detail: { href: buildPath(id) } }));
          event.preventDefault();
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
