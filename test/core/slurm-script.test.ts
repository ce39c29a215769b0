import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { repositoryFolder } from '../../build/folders.ts';
import { secondsOfSlurmTime, whyNoSlurmMemory, whyNoSlurmName, whyNoSlurmTime } from '../../src/config/slurm-values.ts';
import { quoteForBash } from '../../src/core/shell-word.ts';
import { spellArrayScript } from '../../src/core/slurm/array-script.ts';
import { type BatchJob, plainName } from '../../src/core/slurm/batch-job.ts';
import { spellMergeScript } from '../../src/core/slurm/merge-script.ts';

const plain: BatchJob = {
  name: 'ising',
  program: '/home/ada/ising-linux-x64',
  folder: '/home/ada/run 1',
  shares: 20,
  coresPerShare: 8,
  time: '12:00:00',
  memory: '4G',
  partition: 'short,long',
  account: 'physics',
  beforeLimitS: 120,
  overrides: ['model.sweeps=100'],
};
const hostile: BatchJob = {
  name: 'a\'b "c" $(touch x)\n#SBATCH --wrap=x `id`',
  program: "/tmp/it's $(touch x)/p\\q",
  folder: '/tmp/two\nlines',
  shares: 1_000,
  coresPerShare: 1,
  beforeLimitS: 45,
  overrides: ['model.x=$HOME; exit', 'model.y=!!'],
};

const goldenOf = (name: string): string =>
  readFileSync(join(repositoryFolder, 'test', 'golden', 'slurm', name), 'utf8');

/** Any text that a file or a person can give. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom("'", '"', '\\', '$', '(', ')', '`', '\n', ' ', '!', '#', '~', '*', '{', '=', 'é', 'n', '1'),
  }),
);
const word = text.map((it) => it.replaceAll('\0', ''));

describe('sbatch scripts', () => {
  for (const [name, script] of [
    ['plain.sbatch', spellArrayScript(plain)],
    ['plain-merge.sbatch', spellMergeScript(plain, 'ising')],
    ['hostile.sbatch', spellArrayScript(hostile)],
    ['hostile-merge.sbatch', spellMergeScript(hostile, hostile.name)],
  ] as const) {
    it(`${name} is the golden one, and bash can read it`, () => {
      assert.equal(script, goldenOf(name));
      const { status, stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    });
  }

  it('a word for bash is what it was made of, and never holds a control character', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 50 }), (words) => {
        const spelt = words.map(quoteForBash);
        for (const it of spelt) assert.doesNotMatch(it, /\p{Cc}/u);
        const { stdout } = spawnSync('bash', ['-c', `printf '%s\\0' ${spelt.join(' ')}`], { encoding: 'utf8' });
        assert.deepEqual(stdout.split('\0').slice(0, -1), words);
      }),
      { numRuns: 60 },
    );
    assert.throws(() => quoteForBash('a\0b'), /Internal error/);
    assert.throws(() => quoteForBash('\ud800'), /Internal error/);
  });

  it('whatever the name, folder, program and settings are: the same options, the same number of lines', () => {
    fc.assert(
      fc.property(word, word, word, fc.array(word, { maxLength: 3 }), (name, folder, program, overrides) => {
        const script = spellArrayScript({ ...plain, name, folder: `/${folder}`, program: `/${program}`, overrides });
        const golden = goldenOf('plain.sbatch').split('\n');
        const lines = script.split('\n');
        assert.equal(lines.length, golden.length);
        const isOption = (line: string): boolean => line.startsWith('#SBATCH') && !/--(job-name|output)=/.test(line);
        assert.deepEqual(lines.filter(isOption), golden.filter(isOption));
        for (const line of lines.filter((it) => it.startsWith('#SBATCH')))
          assert.match(line, /^#SBATCH --[a-z-]+(=[\w.,:@%-]+)?$/);
      }),
    );
  });

  it('a name that Slurm can have', () => {
    fc.assert(fc.property(text, (name) => assert.match(plainName(name), /^[\w.-]{1,60}$/)));
  });

  it('a time in each of its forms is so many seconds', () => {
    const times = {
      '30': 1_800,
      '1:00': 60,
      '12:00:00': 43_200,
      '2-12': 216_000,
      '1-00:30': 88_200,
      '1-1:1:1': 90_061,
    };
    for (const [text, seconds] of Object.entries(times)) assert.equal(secondsOfSlurmTime(text), seconds, text);
  });

  for (const [whyNot, good, bad] of [
    [
      whyNoSlurmTime,
      ['30', '12:00:00', '2-12', '1-00:30', '90:00'],
      ['', '0', '12h', '1:2:3:4', '$(id)', '1 --wrap=x', '1\n'],
    ],
    [whyNoSlurmMemory, ['4G', '500M', '1024', '2t'], ['', '0', '4GB', '4 G', '-1', '$(id)']],
    [whyNoSlurmName, ['short,long', 'proj-1', 'a@b'], ['', '-x', 'a b', "a'b", '$(id)', 'a\nb', 'a;b']],
  ] as const) {
    it(`${whyNot.name}: ${good.join(' ')}`, () => {
      for (const it of good) assert.equal(whyNot(it), undefined, it);
      for (const it of bad) assert.notEqual(whyNot(it), undefined, it);
    });
  }
});
