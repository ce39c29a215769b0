import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type AgreementPart, agreementParts } from '../../src/core/agreement.ts';
import { renderDiagnostic } from '../../src/core/render-diagnostic.ts';
import type { AnyExperiment } from '../../src/experiment.ts';
import { type Prepared, type PrepareInput, prepareRun } from '../../src/run/prepare.ts';

/** The files and the rest that a plan follows from, to be changed in one place. */
interface Inputs {
  readonly machines: string;
  readonly header: string;
  readonly config: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly overrides: readonly string[];
  readonly experiment: AnyExperiment;
  readonly code: string;
}

const base: Inputs = {
  machines: '{ "lab1": [1.0, 8], "lab2": {"weight": 2.5, "cores": 16, "host": "me@lab2"} }',
  header: 'a,b,c,d,e\n',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of runner.config
  config: '[run]\nretries = 2\n[model]\nsweeps = 10\nname = ${sweeps} x\n[random]\nstream = same\n',
  environment: {},
  overrides: [],
  experiment: { jobs: [1, 2, 3], columns: ['n'], job: () => [1] },
  code: 'c0de',
};

async function prepareWith(inputs: Inputs): Promise<Prepared> {
  const { machines, header, config, environment, overrides, experiment, code } = inputs;
  const file = (path: string, text: string | undefined): { path: string; text: string | undefined } => ({ path, text });
  const input: PrepareInput = {
    experiment,
    build: { name: 'x', version: '0', code, target: 't', templates: { machines: '', header: '', config: '' } },
    files: {
      folder: '.',
      machines: file('machines.json', machines),
      header: file('header.csv', header),
      config: file('runner.config', config),
      lock: file('experiment.lock', undefined),
      rescue: file('rescue.json', undefined),
    },
    environment,
    overrides,
  };
  const prepared = await prepareRun(input);
  assert.ok(prepared.ok, prepared.ok ? '' : prepared.diagnostics.map(renderDiagnostic).join('\n'));
  return prepared.value;
}

type Change = (inputs: Inputs) => Inputs;
const inFile =
  (key: 'machines' | 'header' | 'config', edit: (text: string) => string): Change =>
  (inputs) => ({ ...inputs, [key]: edit(inputs[key]) });

/** What SPEC says does not count, for any digest. */
const harmless: Readonly<Record<string, Change>> = {
  'CRLF in runner.config': inFile('config', (text) => text.replaceAll('\n', '\r\n')),
  'CRLF in header.csv': inFile('header', (text) => text.replaceAll('\n', '\r\n')),
  'CRLF in machines.json': inFile('machines', (text) => text.replaceAll(' ', '\r\n')),
  'BOM in runner.config': inFile('config', (text) => `\uFEFF${text.replace('\uFEFF', '')}`),
  'BOM in header.csv': inFile('header', (text) => `\uFEFF${text.replace('\uFEFF', '')}`),
  'BOM in machines.json': inFile('machines', (text) => `\uFEFF${text.replace('\uFEFF', '')}`),
  comments: inFile('config', (text) => `${text}\n# note\n; more\n`),
  'order of sections': inFile('config', (text) => {
    const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
    const sections = text.slice(mark.length).split(/(?=\[)/);
    return mark + sections.toReversed().join('\n');
  }),
  'case of option names': inFile('config', (text) => text.replace('sweeps = ', 'SWEEPS = ')),
  'space around values': inFile('config', (text) => text.replace('sweeps = ', 'sweeps:   ')),
  'key order of machines.json': inFile(
    'machines',
    () => '{ "lab2": {"cores": 16, "weight": 2.50e0}, "lab1": {"cores": 8, "weight": 1} }',
  ),
  host: inFile('machines', (text) => text.replace('me@lab2', 'you@elsewhere')),
  '[ProgressPool]': (it) => ({ ...it, overrides: [...it.overrides, 'ProgressPool.style=2'] }),
  '[logging]': (it) => ({ ...it, environment: { ...it.environment, JOB_SPLITTER_LOGGING__LEVEL: 'debug' } }),
  '[results]': (it) => ({ ...it, overrides: [...it.overrides, 'results.timestamps=unix'] }),
  '[run] timeout': (it) => ({ ...it, overrides: [...it.overrides, 'run.timeout=1h'] }),
  'a default written down': (it) => ({ ...it, overrides: [...it.overrides, 'random.math_random=job'] }),
  'other variables': (it) => ({ ...it, environment: { ...it.environment, PATH: '/bin', JOB_SPLITTER_X: '1' } }),
  'a job that is written another way': (it) => ({ ...it, experiment: { ...it.experiment, job: () => [2] } }),
};

interface Digests {
  readonly experiment: boolean;
  readonly plan: boolean;
  readonly part: AgreementPart;
}
const set =
  (override: string): Change =>
  (it) => ({ ...it, overrides: [...it.overrides, override] });

/** What counts: which digests move, and which word of the phrase (beside the last). */
const counting: Readonly<Record<string, readonly [Change, Digests]>> = {
  'a value': [
    inFile('config', (text) => text.replace('= 10', '= 11')),
    { experiment: true, plan: true, part: 'runner.config' },
  ],
  '-o model.sweeps': [set('model.sweeps=11'), { experiment: true, plan: true, part: 'runner.config' }],
  'the environment': [
    (it) => ({ ...it, environment: { JOB_SPLITTER_MODEL__SWEEPS: '11' } }),
    { experiment: true, plan: true, part: 'runner.config' },
  ],
  'a new option': [
    inFile('config', (text) => text.replace('[model]', '[model]\nnew =')),
    { experiment: true, plan: true, part: 'runner.config' },
  ],
  'an empty section': [
    inFile('config', (text) => `${text}\n[empty]\nx = 1\n`),
    { experiment: true, plan: true, part: 'runner.config' },
  ],
  'a default for all': [
    inFile('config', (text) => `[DEFAULT]\nd = 1\n${text}`),
    { experiment: true, plan: true, part: 'runner.config' },
  ],
  'a default that every section has otherwise': [
    inFile('config', (text) => `[DEFAULT]\nsweeps = 1\n${text}`),
    { experiment: true, plan: true, part: 'runner.config' },
  ],
  '[random] stream': [set('random.stream=per-job'), { experiment: true, plan: true, part: 'runner.config' }],
  '[random] seed': [set('random.seed=s'), { experiment: true, plan: true, part: 'runner.config' }],
  '[random] math_random': [set('random.math_random=native'), { experiment: true, plan: true, part: 'runner.config' }],
  '[run] order': [set('run.order=given'), { experiment: false, plan: true, part: 'runner.config' }],
  weight: [
    inFile('machines', (text) => text.replace('2.5', '2.50001')),
    { experiment: false, plan: true, part: 'machines.json' },
  ],
  cores: [
    inFile('machines', (text) => text.replace('8]', '9]')),
    { experiment: false, plan: true, part: 'machines.json' },
  ],
  'a machine': [
    inFile('machines', (text) => text.replace('{', '{ "new": [1, 1],')),
    { experiment: false, plan: true, part: 'machines.json' },
  ],
  'the name of a machine': [
    inFile('machines', (text) => text.replace('lab1', 'Lab1')),
    { experiment: false, plan: true, part: 'machines.json' },
  ],
  'the header': [
    inFile('header', (text) => text.replace('e', 'E')),
    { experiment: false, plan: false, part: 'header.csv' },
  ],
  code: [(it) => ({ ...it, code: 'beef' }), { experiment: false, plan: false, part: 'code' }],
  'a job': [
    (it) => ({ ...it, experiment: { ...it.experiment, jobs: [1, 2, 4] } }),
    { experiment: true, plan: true, part: 'pool' },
  ],
  'order of the jobs': [
    (it) => ({ ...it, experiment: { ...it.experiment, jobs: [2, 1, 3] } }),
    { experiment: true, plan: true, part: 'pool' },
  ],
  'type of an argument': [
    (it) => ({ ...it, experiment: { ...it.experiment, jobs: [1, 2, '3'] } }),
    { experiment: true, plan: true, part: 'pool' },
  ],
};

describe('digests', async () => {
  const own = await prepareWith(base);

  it('do not move by what does not belong to them, in any combination', async () => {
    await fc.assert(
      fc.asyncProperty(fc.subarray(Object.values(harmless)), async (list) => {
        const other = await prepareWith(list.reduce((inputs, change) => change(inputs), base));
        assert.equal(other.experimentDigest, own.experimentDigest);
        assert.equal(other.planDigest, own.planDigest);
        assert.deepEqual(other.agreement, own.agreement);
        assert.deepEqual(other.shares, own.shares);
        assert.equal(other.seed, own.seed);
      }),
      // Each alone, too.
      { examples: Object.values(harmless).map((change) => [[change]]), numRuns: 200 },
    );
  });

  for (const [name, [change, moves]] of Object.entries(counting)) {
    it(`move by ${name}, and the right word with them`, async () => {
      const other = await prepareWith(change(base));
      assert.equal(other.experimentDigest !== own.experimentDigest, moves.experiment);
      assert.equal(other.planDigest !== own.planDigest, moves.plan);
      const moved = agreementParts.filter((part) => other.agreement.parts[part] !== own.agreement.parts[part]);
      assert.deepEqual(moved, [moves.part]);
      assert.notEqual(other.agreement.whole, own.agreement.whole);
    });
  }

  it('a fixed seed makes another experiment, with that seed', async () => {
    const other = await prepareWith({ ...base, experiment: { ...base.experiment, overrideSeed: 7 } });
    assert.notEqual(other.experimentDigest, own.experimentDigest);
    assert.equal(other.seed, '7');
  });

  it('N/A without machines.json has the same plan on every host', async () => {
    const plain = await prepareWith({ ...base, machines: '{ "<name of the first machine>": [1.0, 8] }' });
    assert.deepEqual(plain.facts.machines, [{ name: 'all', weight: '1', cores: 1 }]);
  });
});
