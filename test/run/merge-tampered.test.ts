import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { encodeLine } from '../../src/core/journal/line.ts';
import { planOrder } from '../../src/core/order.ts';
import type { AnyExperiment } from '../../src/experiment.ts';
import { checksum } from '../../src/runtime/checksum.ts';
import { type Campaign, journalLines, merge, prepareCampaign, type Said, writeJournal } from '../fixtures/campaign.ts';
import { emptyFolder } from '../fixtures/executable.ts';

const total = 20;
const experiment: AnyExperiment = {
  name: 'x',
  jobs: Array.from({ length: total }, (_, n) => [n, `job ${n}`]),
  columns: ['n', 'text'],
  job: () => 0,
  reduce: (sum, [n]) => Number(sum) + Number(n),
  reduceStart: 0,
};
const machines = '{ "lab1": [1, 1], "lab2": [1, 1] }';
const rowsOf = (job: number): readonly (readonly unknown[])[] => [[job, `text ${job}`]];

interface Scene {
  readonly campaign: Campaign;
  /** Of lab1, with line feeds: header, session, then lines of three jobs each. */
  readonly lines: readonly string[];
  /** Of lab1. */
  readonly jobs: readonly number[];
  readonly other: string;
}

async function setScene(more: Partial<Said> = {}): Promise<Scene> {
  const campaign = await prepareCampaign(emptyFolder(), experiment, machines);
  const order = planOrder(total, campaign.prepared.planDigest, 'shuffled');
  const jobsOf = (from: number, to: number): number[] =>
    Array.from({ length: to - from }, (_, at) => order.at(from + at) ?? 0);
  const sayAll = (jobs: readonly number[], extra: Partial<Said>) => [
    { startedAtMs: 1, lines: [0, 3, 6, 9].map((at) => jobs.slice(at, at + 3).map((job) => said(job, extra))) },
  ];
  const [own, others] = [jobsOf(0, 10), jobsOf(10, 20)];
  const lines = journalLines(campaign, 'lab1', sayAll(own, more));
  const other = writeJournal(campaign, 'lab2', journalLines(campaign, 'lab2', sayAll(others, {})));
  return { campaign, lines, jobs: own, other };
}

const said = (job: number, more: Partial<Said> = {}): Said => ({
  job,
  rows: rowsOf(job),
  startedAtMs: 100 + job,
  ...more,
});

/** The body of a line, changed, with the checksum that fits. */
function mend(line: string, change: (body: string) => string): string {
  const { crc: _crc, seq, ...body } = JSON.parse(line);
  return encodeLine(seq, change(JSON.stringify(body)), checksum);
}

const replaceIn =
  (at: number, change: (line: string) => string) =>
  ({ lines }: Scene): readonly string[] =>
    lines.with(at, change(lines[at] ?? ''));

/** Everything in the folder but what merge may write. */
function takeStock(home: string): Readonly<Record<string, string>> {
  const all = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) => !name.startsWith('x.merged'));
  return Object.fromEntries(
    all.map((name) => {
      const path = join(home, name);
      return [name, lstatSync(path).isFile() ? readFileSync(path, 'base64') : 'no file'];
    }),
  );
}

interface Found {
  /** All that was said. */
  readonly text: string;
  readonly kind: string;
  readonly missing: number;
}

/** Merges within a folder of which everything else must stay as it is. */
async function mergeSafely({ campaign, other }: Scene, lines: readonly string[]): Promise<Found> {
  const own = writeJournal(campaign, 'lab1', lines);
  const before = takeStock(join(campaign.home));
  const end = await merge(campaign, [own, other]);
  assert.deepEqual(takeStock(campaign.home), before);
  if (end.kind === 'merged') {
    const { proof, notices } = end.report;
    assert.equal(proof.complete, proof.jobs.done === total && end.report.fileProblems.length === 0);
    return { kind: end.kind, text: [...proof.problems, ...notices].join('\n'), missing: proof.jobs.missing };
  }
  assert.ok(end.kind !== 'locked');
  return { kind: end.kind, text: end.diagnostics.map(({ message }) => message).join('\n'), missing: Number.NaN };
}

/** What is done to the journal of lab1; what must be said; how many jobs are missing then. */
const tampered: readonly (readonly [string, (scene: Scene) => readonly string[], RegExp, number])[] = [
  [
    'a row changed',
    replaceIn(3, (line) => line.replace('"text ', '"TEXT ')),
    /x\.lab1: line 4 of the journal: wrong checksum/,
    3,
  ],
  [
    'a number changed',
    replaceIn(2, (line) => line.replace('"rows":[[[', '"rows":[[[1')),
    /line 3 of .*: wrong checksum/,
    3,
  ],
  ['a wrong checksum', replaceIn(5, (line) => line.replace(/"crc":"./, '"crc":"g')), /line 6 of .*: wrong checksum/, 1],
  ['a line removed', ({ lines }) => lines.toSpliced(3, 1), /line 4 of .*: lines 3 to 3 are missing before it/, 3],
  ['a line doubled', ({ lines }) => lines.toSpliced(3, 0, lines[3] ?? ''), /line 5 of .*: line 3 stands here again/, 0],
  [
    'lines swapped',
    ({ lines }) => lines.with(3, lines[4] ?? '').with(4, lines[3] ?? ''),
    /line 3 stands here again/,
    0,
  ],
  ['a line that is none', ({ lines }) => lines.toSpliced(3, 0, 'rubbish\n'), /line 4 of .*: not a journal line/, 0],
  [
    'cut within a line',
    ({ lines }) => [...lines.slice(0, 4), lines[4]?.slice(0, 40) ?? ''],
    /x\.lab1: the journal ends within a line/,
    4,
  ],
  ['cut between lines', ({ lines }) => lines.slice(0, 4), /^$/, 4],
  [
    'a line of another experiment',
    replaceIn(3, (line) => mend(line, (body) => body.replace('"args":[[', '"args":[[9'))),
    /line 4 of .*: its job \d+ is another one than in the pool: \[9\d+,"job \d+"\], not/,
    1,
  ],
  [
    'a job beyond the pool',
    replaceIn(3, (line) => mend(line, (body) => body.replace(/"jobs":\[\d+/, '"jobs":[4000000000'))),
    /its?.* job 4000000000; the pool ends before it|it tells of job 4000000000/,
    1,
  ],
  [
    'a path as a machine',
    replaceIn(0, (line) => mend(line, (body) => body.replace('"machine":"lab1"', '"machine":"../../evil"'))),
    /x\.lab1 names a machine "\.\.\/\.\.\/evil", which its own plan does not know/,
    Number.NaN,
  ],
  [
    'a machine with a control character',
    replaceIn(0, (line) => mend(line, (body) => body.replace('"machine":"lab1"', '"machine":"\\u001b[2J"'))),
    /names a machine ".*", which cannot be: a control character in the name/,
    Number.NaN,
  ],
  [
    'a path as the experiment',
    replaceIn(0, (line) => mend(line, (body) => body.replace('"experiment":"x"', '"experiment":"../evil"'))),
    /holds another experiment: \.\.\/evil, not x/,
    Number.NaN,
  ],
  [
    'another seed',
    replaceIn(0, (line) => mend(line, (body) => body.replace(/"seed":"\w+"/, '"seed":"other"'))),
    /holds another experiment: the seed was other/,
    Number.NaN,
  ],
  ['no header', ({ lines }) => lines.slice(1), /nobody knows which experiment it belongs to/, Number.NaN],
  ['empty', () => [''], /the journal is empty/, Number.NaN],
  ['no journal at all', () => ['n,text\n1,a\n'], /is not a journal of this program/, Number.NaN],
];

describe('tampered journals are found and named, and nothing outside the folder of the merge is written', () => {
  it('untouched: complete', async () => {
    const scene = await setScene();
    assert.deepEqual(await mergeSafely(scene, scene.lines), { kind: 'merged', text: '', missing: 0 });
  });

  for (const [name, change, expected, missing] of tampered) {
    it(name, async () => {
      const scene = await setScene();
      const found = await mergeSafely(scene, change(scene));
      assert.match(found.text, expected);
      assert.equal(found.missing, missing, found.text);
      assert.equal(found.kind === 'merged', !Number.isNaN(missing));
    });
  }

  it('members of a block that no version wrote cost that line at most', async () => {
    const scene = await setScene();
    const spoilt: readonly ((body: string) => string)[] = [
      (body) => body.replace('"rows":[', '"rows":[[7],'),
      (body) => body.replace(/"rows":.*/, '"rows":[7,8,9]}'),
      (body) => body.replace('"rows":[[[', '"rows":[[[[{"a":"]"},'),
      (body) => body.replace('"begin":[', '"begin":[1e300,'),
      (body) => body.replace(/"begin":\[\d+/, '"begin":[9e15'),
      (body) => body.replace('"run":[1.5', '"run":["1.5"'),
      (body) => body.replace(/"attempt":1/, '"attempt":9007199254740991'),
      (body) => body.replace(/}$/, ',"files":[null,null,[{"name":7}]]}'),
      (body) => body.replace(/}$/, ',"more":[1]}'),
    ];
    for (const change of spoilt) {
      const { kind, missing } = await mergeSafely(scene, replaceIn(3, (line) => mend(line, change))(scene));
      assert.equal(kind, 'merged');
      assert.ok(missing === 0 || missing === 3, `${missing} jobs are missing after ${change}`);
    }
  });

  const [good, sha256] = ['of a job', createHash('sha256').update('of a job').digest('hex')];
  const fileCases: readonly (readonly [string, string, (folder: string) => void, RegExp])[] = [
    [
      'changed',
      'data.txt',
      (folder) => writeFileSync(join(folder, 'data.txt'), 'of a bob'),
      /another content than the journal says/,
    ],
    ['cut', 'data.txt', (folder) => writeFileSync(join(folder, 'data.txt'), 'of'), /has 2 bytes, not the 8/],
    ['missing', 'data.txt', () => undefined, /data\.txt is missing in /],
    ['a link', 'data.txt', (folder) => symlinkSync('/etc/hostname', join(folder, 'data.txt')), /is no file/],
    [
      'called like a path upwards',
      '../../../evil.txt',
      (folder) => writeFileSync(join(folder, 'evil.txt'), good),
      /a file is called "\.\.\/\.\.\/\.\.\/evil\.txt"/,
    ],
    ['called like an absolute path', '/tmp/evil.txt', () => undefined, /a file is called "\/tmp\/evil\.txt"/],
  ];
  for (const [name, fileName, leave, expected] of fileCases) {
    it(`a file of a job that is ${name}`, async () => {
      const scene = await setScene({ files: [{ name: fileName, bytes: good.length, sha256 }] });
      for (const job of scene.jobs) {
        const folder = join(scene.campaign.home, 'x.lab1', 'files', String(job));
        mkdirSync(folder, { recursive: true });
        leave(folder);
      }
      const { kind, text } = await mergeSafely(scene, scene.lines);
      assert.equal(kind, 'merged');
      assert.match(text, expected);
      assert.match(text, /^job \d+: /m);
    });
  }
});
