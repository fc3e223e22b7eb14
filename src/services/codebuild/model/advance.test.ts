import { describe, expect, test } from 'vitest';
import { STUCK_MS } from '../limits.ts';
import { advance } from './advance.ts';
import type { Draft } from './build-draft.ts';
import { PhaseFailure } from './build-state.ts';
import { amend, cleared, endWork, requestStop, workFailed } from './commands.ts';
import { conclude, takeReports } from './driver-reports.ts';
import type { Report } from './report.ts';
import { Bench, MINUTE, newSnapshot, START, workDone } from './testing.ts';

const look = () => undefined;

const gone = {
  work: 'COMMANDS',
  begun: START,
  failure: new PhaseFailure('INTERNAL_SERVICE_ERROR', 'it is gone', 'FAULT'),
  reason: 'Error',
} as const;
const failed: Report = {
  kind: 'end',
  phase: 'INSTALL',
  at: new Date(START),
  failed: { step: 0, exitStatus: 143 },
};
/** Of a driver that has said nothing before. */
const ALL = { from: 0, to: 1 };

test('goes through its phases, and asks for the work of each once', () => {
  const bench = new Bench().workUntil();
  expect(bench.snapshot).toMatchObject({ slot: 'done', secrets: '' });
  expect(bench.snapshot.build.buildStatus).toBe('SUCCEEDED');
  expect(bench.events).toEqual(
    [
      ...[
        'QUEUED',
        'PROVISIONING',
        'DOWNLOAD_SOURCE',
        'INSTALL',
        'PRE_BUILD',
        'BUILD',
        'POST_BUILD',
      ],
      ...['UPLOAD_ARTIFACTS', 'FINALIZING'],
    ]
      .map((phase) => `${phase} SUCCEEDED`)
      .concat('SUCCEEDED'),
  );
  const asked = ['codebuild/work', 'ring codebuild/work'];
  expect(bench.asked).toEqual([
    // Provisioning, the source, the commands, the artifacts, the end: its reconciler and whoever still works are told.
    ...[asked, asked, asked, asked, asked].flat(),
    ...['ring codebuild/work', 'ring codebuild/ended'],
  ]);
});

describe('in the queue', () => {
  test('it waits for a slot until its time there is up', () => {
    const bench = new Bench({ hasRoom: false }).workUntil();
    expect(bench.work).toBeUndefined();
    const { wakeAt } = advance(bench.snapshot, bench.now);
    expect(wakeAt).toBe(START + 480 * MINUTE);
    bench.do(look, 480 * MINUTE);
    expect(bench.ends).toEqual(['SUBMITTED SUCCEEDED', 'QUEUED TIMED_OUT']);
    expect(bench.work).toBe('FINALIZING');
    expect(bench.workUntil().snapshot.build.buildStatus).toBe('TIMED_OUT');
  });

  test('StopBuild ends it at once, and it takes no slot', () => {
    const bench = new Bench({ hasRoom: false });
    bench.do(requestStop);
    expect(bench.ends).toEqual(['SUBMITTED SUCCEEDED', 'QUEUED STOPPED']);
    expect(bench.snapshot.slot).toBe('queued');
    expect(bench.workUntil().snapshot).toMatchObject({ slot: 'done' });
  });
});

describe('StopBuild', () => {
  test.each(['PROVISIONING', 'DOWNLOAD_SOURCE', 'UPLOAD_ARTIFACTS'] as const)(
    'in %s ends it at once, and what its work still says is not heard',
    (phase) => {
      const bench = new Bench().workUntil(phase);
      const before = bench.asked.length;
      bench.do(requestStop);
      expect(bench.ends.at(-1)).toBe(`${phase} STOPPED`);
      expect(bench.work).toBe('FINALIZING');
      expect(bench.asked.slice(before)).toEqual(['codebuild/work', 'ring codebuild/work']);
      const end = { status: 'SUCCEEDED', at: new Date(bench.now) } as const;
      expect(bench.do((draft) => endWork(draft, phase, end, { logOffset: 7 }))).toBe(false);
      const failure = new PhaseFailure('CLIENT_ERROR', 'no');
      const trouble = { work: phase, begun: bench.now, failure, reason: 'Error' };
      expect(bench.do((draft) => workFailed(draft, trouble))).toBe('ended');
      expect(bench.ends.at(-1)).toBe(`${phase} STOPPED`);
      expect(bench.snapshot.logOffset).toBe(0);
    },
  );

  test('while commands run has the driver stopped, once, and the phase ends with it', () => {
    const bench = new Bench().workUntil('COMMANDS');
    const before = bench.asked.length;
    bench.do(requestStop);
    bench.do(requestStop);
    // Who copies the log is told as well.
    expect(bench.asked.slice(before)).toEqual([
      'codebuild/work',
      'codebuild/stop-build',
      'ring codebuild/work',
    ]);
    expect(bench.work).toBe('COMMANDS');
    bench.do((draft) => conclude(draft, { stopped: false }));
    expect(bench.ends.at(-1)).toBe('INSTALL STOPPED');
    expect(bench.workUntil().snapshot.build.buildStatus).toBe('STOPPED');
  });

  const ends: [string, (draft: Draft) => void, number?][] = [
    ['its work is gone', (draft) => workFailed(draft, gone)],
    ['it was lost', (draft) => conclude(draft, { lost: 'gone', stopped: false })],
    ['a command failed under the stop', (draft) => takeReports(draft, [failed], ALL)],
    ['nothing ends its driver', look, 60 * MINUTE + STUCK_MS],
  ];
  test.each(ends)('wins, whatever becomes of what runs: %s', (_, command, laterBy = 1000) => {
    const bench = new Bench().workUntil('COMMANDS');
    bench.do(requestStop);
    bench.do(command, laterBy);
    expect(bench.ends.at(-1)).toBe('INSTALL STOPPED');
    const { build } = bench.workUntil().snapshot;
    expect(build.buildStatus).toBe('STOPPED');
    expect(build.phases?.at(-2)?.contexts).toEqual([{ statusCode: '', message: '' }]);
    expect(bench.events).not.toContain('INSTALL FAULT');
  });

  test('of a build that is over changes nothing', () => {
    const bench = new Bench().workUntil();
    bench.do(requestStop);
    expect(bench.snapshot.stopRequested).toBe(false);
    bench.do(cleared);
    expect(bench.events.filter((event) => event === 'SUCCEEDED')).toHaveLength(1);
  });
});

describe('when its time is up', () => {
  test.each([
    ['PROVISIONING', 30, 'PROVISIONING TIMED_OUT'],
    ['UPLOAD_ARTIFACTS', 60, 'UPLOAD_ARTIFACTS TIMED_OUT'],
  ] as const)('%s ends after %i minutes', (phase, minutes, end) => {
    const bench = new Bench().workUntil(phase);
    const { wakeAt = 0 } = advance(bench.snapshot, bench.now);
    bench.do(look, wakeAt - bench.now - 1);
    expect(bench.work).toBe(phase);
    bench.do(look, 1);
    expect(bench.ends.at(-1)).toBe(end);
    const { contexts } = bench.snapshot.build.phases?.at(-2) ?? {};
    expect(contexts?.[0]).toMatchObject({
      statusCode: 'BUILD_TIMED_OUT',
      message: expect.stringContaining(`timed out after ${minutes} minutes`),
    });
  });

  test('a driver that nothing ends is no longer followed', () => {
    const bench = new Bench().workUntil('COMMANDS');
    const { deadline = 0 } = bench.snapshot.run;
    bench.do(look, deadline + STUCK_MS - bench.now);
    expect(bench.ends.at(-1)).toBe('INSTALL TIMED_OUT');
    expect(bench.work).toBe('FINALIZING');
  });

  test('a driver that ended then was ended for that', () => {
    const bench = new Bench().workUntil('COMMANDS');
    const { deadline = 0 } = bench.snapshot.run;
    bench.do((draft) => conclude(draft, { stopped: false }), deadline - bench.now);
    expect(bench.ends.at(-1)).toBe('INSTALL TIMED_OUT');
  });

  test('a build that broke its own driver has failed, and says by what', () => {
    const bench = new Bench().workUntil('COMMANDS');
    const message = 'A command has deleted its files';
    bench.do((draft) => takeReports(draft, [{ kind: 'broken', message }], ALL));
    bench.do((draft) => conclude(draft, { stopped: false }));
    expect(bench.ends.at(-1)).toBe('INSTALL FAILED');
    const context = { statusCode: 'COMMAND_EXECUTION_ERROR', message };
    expect(bench.snapshot.build.phases?.at(-2)?.contexts).toEqual([context]);
    expect(bench.snapshot.run.closingLines).toContain(message);
    expect(bench.workUntil().snapshot.build.buildStatus).toBe('FAILED');
  });

  test('what cannot be cleared away is left behind, and the slot is free', () => {
    const bench = new Bench().workUntil('FINALIZING');
    bench.do(look, 2 * MINUTE);
    expect(bench.snapshot).toMatchObject({ slot: 'done', secrets: '' });
    expect(bench.snapshot.build.buildStatus).toBe('SUCCEEDED');
  });
});

describe('work that fails', () => {
  const trouble = (work: 'DOWNLOAD_SOURCE' | 'COMMANDS' | 'FINALIZING') => ({
    ...{ work, begun: 0, failure: undefined, reason: 'EIO' },
  });

  test('for the build’s own reason ends its phase', () => {
    const bench = new Bench().workUntil('DOWNLOAD_SOURCE');
    const failure = new PhaseFailure('CLIENT_ERROR', 'no such source');
    const result = bench.do((draft) =>
      workFailed(draft, { ...trouble('DOWNLOAD_SOURCE'), failure }),
    );
    expect(result).toBe('ended');
    expect(bench.ends.at(-1)).toBe('DOWNLOAD_SOURCE FAILED');
    expect(bench.snapshot.run.closingLines).toEqual([
      'Phase complete: DOWNLOAD_SOURCE State: FAILED',
      'Phase context status code: CLIENT_ERROR Message: no such source',
    ]);
  });

  test.each(['DOWNLOAD_SOURCE', 'COMMANDS', 'FINALIZING'] as const)(
    'for the server’s reason is tried again for a while: %s',
    (work) => {
      const bench = new Bench().workUntil(work);
      const fail = (laterBy: number) =>
        bench.do((draft) => workFailed(draft, { ...trouble(work), begun: draft.now }), laterBy);
      expect([fail(0), fail(10_000), fail(14_999)]).toEqual(['again', 'again', 'again']);
      expect(bench.work).toBe(work);
      expect(fail(1)).toBe('given up');
      expect(bench.work).toBe(work === 'FINALIZING' ? undefined : 'FINALIZING');
    },
  );
});

describe('trouble of the server', () => {
  /** A try that lasts so long fails, a second after the last. @param heard bytes that its commands have said until then */
  const failing = (work: 'UPLOAD_ARTIFACTS' | 'COMMANDS') => {
    const bench = new Bench().workUntil(work);
    return (seconds: number, heard = 0) => {
      bench.do((draft) => amend(draft, { logOffset: heard }), 1000);
      const begun = bench.now;
      return bench.do(
        (draft) => workFailed(draft, { work, begun, failure: undefined, reason: 'EIO' }),
        seconds * 1000,
      );
    };
  };

  test.each([60, 200, 1000])('is given up however long a try of a step takes: %d s', (seconds) => {
    const fail = failing('UPLOAD_ARTIFACTS');
    expect([1, 2, 3].map(() => fail(seconds))).toEqual(['again', 'again', 'given up']);
  });

  test('is given up where commands run and nothing is heard of them', () => {
    const fail = failing('COMMANDS');
    expect([1, 2, 3].map(() => fail(200, 7))).toEqual(['again', 'again', 'given up']);
  });

  test('is given up where a few bytes more are heard each time, before it fails at once', () => {
    const fail = failing('COMMANDS');
    const ends = Array.from({ length: 30 }, (_, index) => fail(0, index));
    expect(ends).toContain('given up');
  });

  test('that was over is not held against commands that were followed meanwhile', () => {
    const talking = failing('COMMANDS');
    expect(Array.from({ length: 9 }, (_, index) => talking(40, index))).not.toContain('given up');
    const silent = failing('COMMANDS');
    expect([1, 2, 3].map(() => silent(16 * 60))).not.toContain('given up');
  });
});

describe('a driver', () => {
  test('is taken at its word once', () => {
    const bench = new Bench().workUntil('COMMANDS');
    const at = new Date(START + 5000);
    const end = { kind: 'end', phase: 'INSTALL', at } as const;
    bench.do((draft) => takeReports(draft, [end], { from: 0, to: 10 }));
    const { build } = bench.snapshot;
    bench.do((draft) => takeReports(draft, [end], { from: 0, to: 10 }));
    expect(bench.snapshot.build).toEqual(build);
    expect(bench.snapshot.reportOffset).toBe(10);
  });

  test('may say nothing of other phases, nor of variables that it was not asked for', () => {
    const bench = new Bench().workUntil('COMMANDS');
    const at = new Date(START);
    bench.do((draft) =>
      takeReports(
        draft,
        [
          { kind: 'end', phase: 'BUILD', at },
          { kind: 'variable', name: 'constructor', value: 'x' },
        ],
        { from: 0, to: 1 },
      ),
    );
    expect(bench.ends.at(-1)).toBe('DOWNLOAD_SOURCE SUCCEEDED');
    expect(bench.snapshot.run.variables).toBeUndefined();
  });

  test.each([
    [{ stopped: false, lost: 'the machine went down' }, 'the machine went down'],
    [{ stopped: false, reclaimed: 'given up' }, 'the disk was full'],
    [{ stopped: false }, 'its shell was ended from outside'],
  ])('that dies is a FAULT: %o', (end, reason) => {
    const bench = new Bench().workUntil('COMMANDS');
    bench.do((draft) => conclude(draft, end));
    expect(bench.ends.at(-1)).toBe('INSTALL FAULT');
    const { contexts } = bench.snapshot.build.phases?.at(-2) ?? {};
    expect(contexts?.[0]?.message).toContain(`before completing the build: ${reason}.`);
  });

  test('whose BUILD fails still has its artifacts', () => {
    const bench = new Bench().workUntil('COMMANDS');
    bench.do((draft) => workDone(draft, 'COMMANDS', 'BUILD'));
    expect(bench.work).toBe('UPLOAD_ARTIFACTS');
    expect(bench.workUntil().snapshot.build.buildStatus).toBe('FAILED');
  });
});

test('a snapshot of an earlier release, in the middle of its commands, goes on', () => {
  const { build } = newSnapshot();
  const phases = [...(build.phases ?? []).slice(0, 1), { phaseType: 'BUILD' as const }];
  const bench = new Bench({
    ...{ slot: 'running', run: { handle: 'h', spec: {} as never, deadline: START + MINUTE } },
    build: { ...build, currentPhase: 'BUILD', phases },
  });
  bench.do(look);
  expect(bench.work).toBe('COMMANDS');
  expect(bench.asked).toEqual([]);
});
