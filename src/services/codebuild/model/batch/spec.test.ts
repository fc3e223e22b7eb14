import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { cycleIn, parseBatchSpec } from './spec.ts';

const spec = (batch: string) => parseBatchSpec(`version: 0.2\nbatch:\n${batch}`);
/** JSON is YAML. */
const json = (batch: object) => parseBatchSpec(JSON.stringify({ version: 0.2, batch }));

describe('build-list', () => {
  it('CB-G2: has its builds with all that they say', () => {
    const { fastFail, tasks } = spec(`
  fast-fail: true
  build-list:
    - identifier: one
      buildspec: ci/one.yml
      ignore-failure: true
      debug-session: false
      env:
        compute-type: BUILD_GENERAL1_LARGE
        image: i:1
        privileged-mode: true
        type: LINUX_CONTAINER
        variables: {A: 1.10, B: yes}
    - identifier: two
      env:
        env:
`);
    expect(fastFail).toBe(true);
    expect(tasks).toEqual([
      {
        ...{ identifier: 'one', ignoreFailure: true, buildspec: 'ci/one.yml' },
        ...{ computeType: 'BUILD_GENERAL1_LARGE', image: 'i:1', privilegedMode: true },
        ...{ type: 'LINUX_CONTAINER', variables: { A: '1.10', B: 'yes' } },
      },
      { identifier: 'two', ignoreFailure: false },
    ]);
  });

  it('keeps variables whose names objects have', () => {
    const { tasks } = spec('  build-list: [{identifier: a, env: {variables: {__proto__: x}}}]');
    expect(Object.entries(tasks[0]?.variables ?? {})).toEqual([['__proto__', 'x']]);
  });
});

describe('build-matrix', () => {
  it('CB-G3: has a build for each combination, with what is static in all', () => {
    const { tasks } = spec(`
  build-matrix:
    static:
      ignore-failure: true
      env: {type: LINUX_CONTAINER, privileged-mode: true, variables: {S: s, V: s}}
    dynamic:
      buildspec: [one.yml, two.yml]
      env:
        image: i
        variables:
          V: [x, y, z]
`);
    const common = { type: 'LINUX_CONTAINER', privilegedMode: true, image: 'i' };
    const of = (number: number, buildspec: string, V: string) => ({
      ...{ identifier: `build${number}`, ignoreFailure: true, ...common, buildspec },
      variables: { S: 's', V },
    });
    expect(tasks).toEqual([
      ...['x', 'y', 'z'].map((v, index) => of(index, 'one.yml', v)),
      ...['x', 'y', 'z'].map((v, index) => of(index + 3, 'two.yml', v)),
    ]);
  });

  test('the combinations are as many as the product, each one once', () => {
    const lists = fc.array(
      fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 4 }),
      {
        minLength: 1,
        maxLength: 3,
      },
    );
    fc.assert(
      fc.property(lists, (values) => {
        const variables = Object.fromEntries(values.map((list, index) => [`V${index}`, list]));
        const { tasks } = json({ 'build-matrix': { dynamic: { env: { variables } } } });
        const product = values.reduce((number, list) => number * list.length, 1);
        expect(tasks).toHaveLength(product);
        expect(new Set(tasks.map((task) => JSON.stringify(task.variables))).size).toBe(product);
        expect(new Set(tasks.map(({ identifier }) => identifier)).size).toBe(product);
      }),
    );
  });

  it('of a hundred builds is one, of a thousand million is refused before they are made', () => {
    const ten = Array.from({ length: 10 }, (_, n) => `${n}`);
    const matrix = (lists: number) => {
      const names = Array.from({ length: lists }, (_, n) => [`V${n}`, ten]);
      return { 'build-matrix': { dynamic: { env: { variables: Object.fromEntries(names) } } } };
    };
    expect(json(matrix(2)).tasks).toHaveLength(100);
    expect(() => json(matrix(9))).toThrow('has 1000000000 builds; a batch has 500 at most');
  });
});

describe('build-fanout', () => {
  it('CB-G4: has as many builds as its parallelism says', () => {
    const { tasks } = spec('  build-fanout: {parallelism: 3, ignore-failure: yes}');
    expect(tasks.map(({ shard }) => shard)).toEqual(
      [0, 1, 2].map((current) => ({ current, total: 3 })),
    );
    expect(tasks.every(({ ignoreFailure }) => ignoreFailure)).toBe(true);
  });
});

describe('build-graph', () => {
  it('CB-G2: has what each build depends on', () => {
    const { tasks } = spec(`
  build-graph:
    - identifier: a
    - {identifier: b, depend-on: [a]}
    - {identifier: c, depend-on: a}
    - {identifier: d, depend-on: [b, c, b]}
`);
    expect(tasks.map(({ dependsOn }) => dependsOn)).toEqual([[], ['a'], ['a'], ['b', 'c']]);
  });

  const names = Array.from({ length: 100 }, (_, n) => `t${n}`);
  const edges = fc.array(fc.tuple(fc.nat(99), fc.nat(99)), { maxLength: 300 });
  const graphOf = (pairs: [number, number][]) =>
    names.map((identifier, n) => ({
      identifier,
      dependsOn: [...new Set(pairs.filter(([from]) => from === n).map(([, to]) => `t${to}`))],
    }));

  test('of a hundred builds that depend on earlier ones has no circle', () => {
    fc.assert(
      fc.property(edges, (pairs) => {
        const graph = graphOf(pairs.filter(([from, to]) => to < from));
        expect(cycleIn(graph)).toBeUndefined();
        const list = graph.map(({ identifier, dependsOn }) => ({
          identifier,
          'depend-on': dependsOn,
        }));
        expect(json({ 'build-graph': list }).tasks).toHaveLength(100);
      }),
      { numRuns: 20 },
    );
  });

  test('what is called a circle is one, and who finds none can bring the builds in an order', () => {
    fc.assert(
      fc.property(edges, (pairs) => {
        const graph = graphOf(pairs);
        const byName = new Map(graph.map((task) => [task.identifier, task.dependsOn]));
        const circle = cycleIn(graph);
        if (circle) {
          expect(circle.at(-1)).toBe(circle[0]);
          circle.slice(1).forEach((to, index) => {
            expect(byName.get(circle[index] ?? '')).toContain(to);
          });
          return;
        }
        const left = new Map(byName);
        for (let free = true; free; ) {
          free = false;
          for (const [name, needs] of left) {
            if (needs.some((need) => left.has(need))) continue;
            left.delete(name);
            free = true;
          }
        }
        expect(left.size).toBe(0);
      }),
    );
  });
});

test.each([
  ['The buildspec is empty', ''],
  ['The key "version" is missing', 'batch: {build-list: [{identifier: a}]}'],
  ['version is 0.1; it must be 0.2 for a batch build at line 1', 'version: 0.1\nbatch: {}'],
  ['The key "batch" is missing', 'version: 0.2\nphases: {}'],
  ['batch must be a map of keys at line 2', 'version: 0.2\nbatch: x'],
])('%s', (message, text) => {
  expect(() => parseBatchSpec(text)).toThrow(message);
});

test.each([
  [
    'batch must have one of build-list, build-graph, build-matrix, build-fanout at line 2',
    '  fast-fail: true',
  ],
  [
    'batch.build-graph cannot be used together with batch.build-list at line 4',
    '  build-list: [{identifier: a}]\n  build-graph: [{identifier: a}]',
  ],
  ['batch.build-fan-out is no key of batch at line 3', '  build-fan-out: {parallelism: 2}'],
  ['batch.build-list must be a list at line 3', '  build-list: {identifier: a}'],
  ['batch.build-list has no builds at line 3', '  build-list: []'],
  ['batch.build-list[0] has no identifier at line 4', '  build-list:\n    - buildspec: a'],
  ['is a b; it must have letters', '  build-list: [{identifier: a b}]'],
  ["which is CodeBuild's own", '  build-list: [{identifier: DOWNLOAD_SOURCE}]'],
  [
    'batch.build-list[1] has the identifier a, which another build has, at line 5',
    '  build-list:\n    - identifier: a\n    - identifier: a',
  ],
  [
    'batch.build-graph[0].depends-on is no key of batch.build-graph[0] at line 3',
    '  build-graph: [{identifier: a, depends-on: [b]}]',
  ],
  [
    'batch.build-graph[0].depend-on names b, which is no build of it, at line 3',
    '  build-graph: [{identifier: a, depend-on: [b]}]',
  ],
  [
    'batch.build-graph[0].depend-on makes a circle, a -> b -> a, at line 5',
    '  build-graph:\n    - identifier: a\n      depend-on: [b]\n    - {identifier: b, depend-on: [a]}',
  ],
  ['makes a circle, a -> a,', '  build-graph: [{identifier: a, depend-on: [a]}]'],
  ['env.fleet must be a string', '  build-list: [{identifier: a, env: {fleet: [f]}}]'],
  [
    'env.privileged-mode must be yes or no',
    '  build-list: [{identifier: a, env: {privileged-mode: 3}}]',
  ],
  ['env.image must be a string', '  build-list: [{identifier: a, env: {image: [i]}}]'],
  ['has no parallelism', '  build-fanout: {ignore-failure: true}'],
  ['parallelism is 1; it must be a number from 2 to 100', '  build-fanout: {parallelism: 1}'],
  ['parallelism is 101; it must be', '  build-fanout: {parallelism: 101}'],
  ['has no values', '  build-matrix: {dynamic: {env: {image: []}}}'],
  [
    'has 501 builds; a batch has 500 at most',
    `  build-list: [${Array.from({ length: 501 }, (_, n) => `{identifier: a${n}}`).join()}]`,
  ],
])('refuses: %s', (message, batch) => {
  expect(() => spec(batch)).toThrow(message);
});
