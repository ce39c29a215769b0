import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { distFolder, repositoryFolder } from '../../../build/folders.ts';
import { hostTarget } from '../../../build/versions.ts';
import type { Bench, Claim, Report } from '../claim.ts';
import { measure } from '../harness/process.ts';
import { inFolder } from '../harness/program.ts';
import { interleave, median } from '../harness/rounds.ts';
import { formatNumber, renderTable } from '../harness/table.ts';

export const packaging: Claim = {
  name: 'packaging',
  title: 'One file: size, build, start, memory',
  run(bench: Bench): Report {
    const packagers = [ours(), bun()].filter((it) => it !== undefined);
    const contenders = new Map(packagers.map((it) => [it.name, () => measurePackager(it)]));
    const rows = [...interleave(contenders, bench.rounds, bench.tell)].map(([name, runs]) => {
      const middle = (of: (run: Figures) => number): string => formatNumber(median(runs.map(of)));
      return [
        name,
        middle((it) => it.megabytes),
        middle((it) => it.buildS),
        middle((it) => it.againS),
        middle((it) => it.firstJobMs),
        middle((it) => it.workerMb),
      ];
    });
    return {
      findings: [],
      details: [
        'An experiment of one job that notes when it begins, in a process of its own. Ours reads the three files, plans, keeps a journal and writes results besides.',
        renderTable(
          [
            '',
            'MB',
            'build, s',
            'build again, nothing changed, s',
            'start to first job, ms',
            'resident memory of an idle worker, MB',
          ],
          rows,
        ),
        'Not measured, for want of the programs here (the one fetches its runtime from its own server, the other is on PyPI); **by their documentation**: `deno compile` makes files of ' +
          'roughly 70 MB (docs.deno.com/examples/deno_compile), for other systems too. PyInstaller has to run on each system that it builds for, and in its one-file mode ' +
          'unpacks to a temporary folder at each start (pyinstaller.org, operating mode).',
      ],
    };
  },
};

interface Figures {
  readonly megabytes: number;
  readonly buildS: number;
  /** The same once more, with nothing changed. */
  readonly againS: number;
  readonly firstJobMs: number;
  readonly workerMb: number;
}

interface Packager {
  readonly name: string;
  readonly output: string;
  readonly build: readonly [string, ...string[]];
  readonly words: readonly string[];
}

const peers = join(import.meta.dirname, '..', 'peers');

function ours(): Packager {
  return {
    name: 'job-splitter',
    output: join(distFolder, `hello-${hostTarget()}`),
    build: [
      process.execPath,
      join(repositoryFolder, 'scripts', 'make.mjs'),
      'exe',
      `ENTRY=${join(import.meta.dirname, '..', 'hello.ts')}`,
    ],
    words: ['--machine', 'N/A', '--yes', '--cores', '1'],
  };
}

function bun(): Packager | undefined {
  const program = join(import.meta.dirname, '..', 'node_modules', '@oven', 'bun-linux-x64', 'bin', 'bun');
  if (!existsSync(program) || spawnSync(program, ['--version']).status !== 0) return undefined;
  const output = join(distFolder, 'bench', 'hello-bun');
  return {
    name: 'bun build --compile',
    output,
    build: [program, 'build', '--compile', join(peers, 'hello.mjs'), '--outfile', output],
    words: [],
  };
}

function measurePackager({ output, build, words }: Packager): Figures {
  rmSync(output, { force: true });
  return inFolder((folder) => {
    const made = measure({ words: build, folder });
    const again = measure({ words: build, folder });
    const notes = join(folder, 'notes');
    const { startedAtS } = measure({ words: [output, ...words], folder, environment: { NOTES: notes } });
    const [beganMs = Number.NaN, bytes = Number.NaN] = readNotes(notes);
    return {
      megabytes: statSync(output).size / 1e6,
      buildS: made.wallS,
      againS: again.wallS,
      firstJobMs: beganMs - 1_000 * startedAtS,
      workerMb: bytes / 1e6,
    };
  });
}

/** A child may outlive its parent. */
function readNotes(path: string): readonly number[] {
  for (let tries = 0; tries < 100 && !existsSync(path); tries++) spawnSync('sleep', ['0.05']);
  return readFileSync(path, 'utf8').trim().split(' ').map(Number);
}
