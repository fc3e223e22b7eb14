import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeAgentLog } from './agent-log.ts';
import { appendToLog } from './log-file.ts';
import { temporaryDirectory } from './testing.ts';

test('the agent’s log has the official agent’s lines, and says them too', () => {
  const directory = join(temporaryDirectory(), 'not/there/yet');
  const said: string[] = [];
  const log = makeAgentLog(directory, (line) => said.push(line));
  log.info('begins');
  log.warn('failed');
  const lines = readFileSync(join(directory, 'codedeploy-agent.log'), 'utf8');
  const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/g;
  expect(lines.replace(time, 'TIME')).toBe(
    `TIME INFO  [codedeploy-agent(${process.pid})]: begins\nTIME WARN  [codedeploy-agent(${process.pid})]: failed\n`,
  );
  expect(said.join('')).toBe(lines);
});

test('what others say in it is one line, and not a long one', () => {
  const said: string[] = [];
  const log = makeAgentLog(temporaryDirectory(), (line) => said.push(line));
  log.warn('no\n2030-01-01T00:00:00 INFO  [codedeploy-agent(1)]: forged\r\u001b[2J\u202e\u2028');
  log.warn('x'.repeat(1_000_000));
  expect(said[0]).toMatch(
    /: no 2030-01-01T00:00:00 INFO {2}\[codedeploy-agent\(1\)\]: forged +\n$/,
  );
  expect(said[1]?.length).toBeLessThan(10_000);
});

test('a log that cannot be written is mentioned once', () => {
  const file = join(temporaryDirectory(), 'file');
  writeFileSync(file, '');
  const said: string[] = [];
  const log = makeAgentLog(join(file, 'below'), (line) => said.push(line));
  log.info('one');
  log.info('two');
  expect(said).toHaveLength(3);
  expect(said[1]).toContain('codedeploy-agent.log cannot be written');
});

test('a log that is full is set aside, and the oldest goes', () => {
  const directory = temporaryDirectory();
  const file = join(directory, 'a.log');
  const fill = (text: string) => {
    writeFileSync(file, text);
    truncateSync(file, 64 * 1024 * 1024);
  };
  for (let i = 0; i < 9; i += 1) {
    fill(`${i}`);
    appendToLog(file, 'next\n');
  }
  expect(readFileSync(file, 'utf8')).toBe('next\n');
  expect(readFileSync(`${file}.0`, 'latin1').slice(0, 1)).toBe('8');
  expect(readFileSync(`${file}.6`, 'latin1').slice(0, 1)).toBe('2');
  expect(existsSync(`${file}.7`)).toBe(false);
  mkdirSync(join(directory, 'd'));
  expect(() => appendToLog(join(directory, 'd'), 'x')).toThrow('EISDIR');
});
