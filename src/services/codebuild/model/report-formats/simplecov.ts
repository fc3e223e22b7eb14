import type { CoveredLine, FormatReader } from './format.ts';
import { isObject, jsonReader, listOf } from './whole-json.ts';

/** Of a condition and its ways: `[:if, 0, 3, 4, 5, 7]`, the third is its first line. */
const CONDITION_LINE = /^\[:?[\w"]+, \d+, (\d{1,9}),/;

/** SimpleCov's `.resultset.json`: by command, by file, the runs of each line (CB-H1: not what simplecov-json writes). */
export function simplecovReader(found: (line: CoveredLine) => void): FormatReader {
  return jsonReader((document) => {
    if (!isObject(document)) throw new Error('it is no SIMPLECOV file: no object of commands');
    for (const run of Object.values(document)) {
      if (!isObject(run) || !isObject(run.coverage))
        throw new Error('it is no SIMPLECOV file: a command has no coverage');
      for (const [path, file] of Object.entries(run.coverage)) readFile(path, file, found);
    }
  });
}

function readFile(path: string, file: unknown, found: (line: CoveredLine) => void): void {
  // Before version 0.18 a file is the list of its lines.
  const { lines, branches } = isObject(file) ? file : { lines: file, branches: {} };
  for (const [index, runs] of listOf(lines).entries()) {
    if (typeof runs === 'number') found({ path, line: index + 1, covered: runs > 0 });
  }
  const counts = new Map<number, { covered: number; missed: number }>();
  for (const [condition, ways] of Object.entries(isObject(branches) ? branches : {})) {
    const [, line] = CONDITION_LINE.exec(condition) ?? [];
    if (line === undefined || !isObject(ways)) continue;
    const counted = counts.get(Number(line)) ?? { covered: 0, missed: 0 };
    for (const runs of Object.values(ways)) counted[Number(runs) > 0 ? 'covered' : 'missed'] += 1;
    counts.set(Number(line), counted);
  }
  for (const [line, counted] of counts)
    found({ path, line, covered: counted.covered > 0, branches: counted });
}
