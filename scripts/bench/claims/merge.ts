import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atLeast, atMost, type Bench, type Claim, type Report } from '../claim.ts';
import { type PlanJson, writeFolders } from '../harness/journals.ts';
import { type Measured, measure } from '../harness/process.ts';
import { inFolder } from '../harness/program.ts';
import { python } from '../harness/python.ts';
import { interleave, median } from '../harness/rounds.ts';
import { formatNumber, renderTable } from '../harness/table.ts';

const machines = '{ "a": [1, 4], "b": [1, 4], "c": [2, 8], "d": [0.5, 4] }\n';
const what: Readonly<Record<string, string>> = {
  merge: 'merge: every checksum, every argument, pool order, results.csv, proof',
  verify: 'verify: the merged results.csv against its proof',
  'sqlite3 .import': "sqlite3: .import of the machines' results.csv, unsorted, unchecked",
  'Python csv': "Python's csv: reads the machines' results.csv, writes one, unsorted, unchecked",
};

export const merge: Claim = {
  name: 'merge',
  title: 'Merge of ten million rows',
  run(bench: Bench): Report {
    const rows = bench.smoke ? 2_000 : 1e7 * bench.scale;
    return inFolder((home) => {
      writeFileSync(join(home, 'machines.json'), machines);
      const run = { experiment: 'merged', jobs: rows, sampleS: 0.05, folder: home };
      const plan: PlanJson = JSON.parse(bench.program.command({ ...run, words: ['plan', '--json'] }).stdout);
      const folders = writeFolders(home, plan);
      const tables = folders.map((name) => join(name, 'results.csv'));
      const results = join('bench.merged', 'results.csv');
      const contenders = new Map<string, () => Measured>([
        ['merge', () => bench.program.command({ ...run, words: ['merge', ...folders] })],
        ['verify', () => bench.program.command({ ...run, words: ['verify', results] })],
        ['Python csv', () => outside(home, [python(), '-c', joinTables, 'joined.csv', ...tables])],
      ]);
      if (spawnSync('sqlite3', ['--version']).status === 0) {
        const commands = ['.mode csv', ...tables.map((table) => `.import '${table}' results`)];
        contenders.set('sqlite3 .import', () => {
          rmSync(join(home, 'joined.sqlite'), { force: true });
          return outside(home, ['sqlite3', 'joined.sqlite', ...commands]);
        });
      }
      const times = interleave(contenders, Math.min(bench.rounds, 3), bench.tell);
      assertWhole(join(home, 'bench.merged'), rows);
      return describe(rows, times, statSync(join(home, results)).size);
    });
  },
};

const joinTables = `import csv, sys
with open(sys.argv[1], 'w', newline='') as out:
    writer = csv.writer(out)
    for at, path in enumerate(sys.argv[2:]):
        with open(path, newline='') as table:
            rows = csv.reader(table)
            header = next(rows)
            if at == 0: writer.writerow(header)
            writer.writerows(rows)
`;

function outside(folder: string, words: readonly [string, ...string[]]): Measured {
  return measure({ words, folder, sampleS: 0.05 });
}

function assertWhole(folder: string, rows: number): void {
  const { jobs } = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
  if (jobs.done !== rows) throw new Error(`${jobs.done} of ${rows} rows are merged`);
}

function describe(rows: number, times: ReadonlyMap<string, readonly Measured[]>, bytes: number): Report {
  const rate = (name: string): number => rows / median((times.get(name) ?? []).map(({ wallS }) => wallS));
  const peakMb = (name: string): number =>
    Math.max(...(times.get(name) ?? []).map(({ mainPeakKib }) => (mainPeakKib / 1_000) * 1.024));
  const perCpuS = (name: string): number => rows / median((times.get(name) ?? []).map(({ cpuS }) => cpuS));
  const table = [...times.keys()].map((name) => [
    what[name] ?? name,
    formatNumber(rate(name)),
    formatNumber(perCpuS(name)),
    formatNumber(peakMb(name)),
  ]);
  return {
    findings: [
      atLeast(`merge of ${rows} rows, rows a second`, 150_000, '', rate('merge')),
      atMost(`merge of ${rows} rows, peak memory`, 400, 'MB', peakMb('merge')),
    ],
    details: [
      `Four machines; ${formatNumber(bytes / 1e6)} MB of results. What the others do is only a part of the task: they sort, check and prove nothing.`,
      renderTable(['what', 'rows a second', 'rows a processor second', 'peak memory, MB'], table),
    ],
  };
}
