import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configFromSnapshot, createConfig } from '../../src/config/config.ts';
import { readDuration, readFileSize } from '../../src/config/readers.ts';
import { type ConfigSources, resolveConfig } from '../../src/config/resolve.ts';
import { renderDiagnostic } from '../../src/core/render-diagnostic.ts';

type More = Partial<ConfigSources>;
const resolve = (text: string, more: More = {}): ReturnType<typeof resolveConfig> =>
  resolveConfig({ file: 'runner.config', text, environment: {}, overrides: [], ...more });

function must(text: string, more: More = {}): Extract<ReturnType<typeof resolveConfig>, { ok: true }>['value'] {
  const result = resolve(text, more);
  assert.ok(result.ok, result.ok ? '' : result.diagnostics.map(renderDiagnostic).join('\n'));
  return result.value;
}
const errors = (text: string, more: More = {}): string => {
  const result = resolve(text, more);
  return result.ok ? 'ok' : result.diagnostics.map(renderDiagnostic).join('\n');
};
const warnings = (text: string, more: More = {}): string => must(text, more).warnings.map(renderDiagnostic).join('\n');
const env = (name: string, value: string): More => ({ environment: { [`JOB_SPLITTER_${name}`]: value } });
const flag = (...overrides: string[]): More => ({ overrides });

describe('settings: values', () => {
  for (const [setting, value] of [
    ['ProgressPool.bar_length', '0'],
    ['ProgressPool.chunksize', 'many'],
    ['ProgressPool.style', '3'],
    ['logging.file_name', 'a/b'],
    ['logging.level', 'loud'],
    ['logging.level', '60'],
    ['logging.auto_zip', 'maybe'],
    ['logging.max_file_size', '1'],
    ['logging.backup_count', '-1'],
    ['logging.per_job', 'some'],
    ['results.file_name', 'journal.jsonl'],
    ['results.file_name', 'NUL.csv'],
    ['results.compress', '2'],
    ['results.timestamps', 'utc'],
    ['run.retries', '-1'],
    ['run.retries', '1.5'],
    ['run.timeout', '0'],
    ['run.timeout', '3 weeks'],
    ['run.grace', '-1s'],
    ['run.crash_limit', '0'],
    ['run.max_jobs_per_worker', '0'],
    ['run.memory_limit', '1K'],
    ['run.nice', '20'],
    ['run.halt', 'soon'],
    ['run.halt', 'now,fail=101%'],
    ['run.order', 'random'],
    ['random.stream', 'per job'],
    ['random.math_random', 'yes'],
  ] as const) {
    it(`refuses ${setting} = ${value}, from file, environment and flag`, () => {
      const [section = '', name = ''] = setting.split('.');
      const what = `[${section}] ${name} must be `;
      assert.ok(errors(`[${section}]\n${name} = ${value}\n`).startsWith(`runner.config:2:${name.length + 4}: ${what}`));
      const variable = `${section.toUpperCase()}__${name.toUpperCase()}`;
      assert.ok(errors('', env(variable, value)).startsWith(`environment JOB_SPLITTER_${variable}: ${what}`));
      assert.ok(errors('', flag(`${setting}=${value}`)).startsWith(`flag -o ${setting}: ${what}`));
    });
  }

  it('sizes and times', () => {
    const size = (text: string): unknown => {
      const reading = readFileSize(text);
      return reading.ok ? reading.value : undefined;
    };
    assert.deepEqual(['64M', '64MiB', '64mb', '1.5G', '100b', '7', '1 k', '2T', '.5K'].map(size), [
      ...[64 * 2 ** 20, 64 * 2 ** 20, 64e6, 1.5 * 2 ** 30, 100, 7, 1024, 2 * 2 ** 40, 512],
    ]);
    assert.deepEqual(
      ['', '-1', '1X', '1e3', 'M', '9999999T', `${'1'.repeat(200)}`].map(size),
      Array(7).fill(undefined),
    );
    const time = (text: string): unknown => {
      const reading = readDuration(text);
      return reading.ok ? reading.value : undefined;
    };
    assert.deepEqual(['90', '1h30m', '500ms', '1d', '1h 30min', '1.5h', '3ms', '10S'].map(time), [
      ...[90, 5_400, 0.5, 86_400, 5_400, 5_400, 0.003, 10],
    ]);
    assert.deepEqual(['', '-1', '1x', '1h30', 'h', '1h1h', 'x1h', '1hx'].map(time), Array(8).fill(undefined));
  });
});

describe('settings: names', () => {
  it('an unknown name is a warning with the nearest or the section it belongs to; from a flag it is an error', () => {
    assert.match(warnings('[run]\nretrys = 1\n'), /:2:10: \[run\] retrys is no setting[\s\S]*is retries meant\?/);
    assert.match(warnings('[results]\nmax_jobs_per_worker = 1\n'), /it belongs to \[run\]/);
    assert.match(
      warnings('', env('RUN__RETRYS', '1')),
      /^environment JOB_SPLITTER_RUN__RETRYS: .*\n {2}is retries meant/,
    );
    assert.match(
      errors('', flag('run.retrys=1')),
      /^flag -o run\.retrys: \[run\] retrys is no setting\n {2}is retries meant/,
    );
  });

  it('a misspelt section is a warning, a section of the user that only sounds alike is not', () => {
    for (const [section, meant] of [
      ['Run', 'run'],
      ['runn', 'run'],
      ['progresspool', 'ProgressPool'],
      ['Progress Pool', 'ProgressPool'],
      ['result', 'results'],
      ['loging', 'logging'],
      ['default', 'DEFAULT'],
    ] as const) {
      const text = warnings(`[${section}]\nx = 1\n`);
      assert.ok(text.includes(`:1:1: [${section}] counts as a section of your own`), section);
      assert.ok(text.includes(`is [${meant}] meant?`), text);
    }
    assert.match(warnings('[urn]\nretries = 1\n'), /is \[run\] meant/);
    for (const section of ['model', 'sun', 'grid', 'physics']) assert.equal(warnings(`[${section}]\nx = 1\n`), '');
  });
});

describe('settings: layers', () => {
  it('environment: sections in any case, also with underscores; ambiguity and typing errors are said', () => {
    const file = '[Model]\nSweeps = 1\n[my__own]\nx = 1\n';
    assert.equal(must(file, env('MODEL__SWEEPS', ' 7 ')).config.get('Model', 'sweeps'), '7');
    assert.equal(must(file, env('MODEL__NEW', '7')).config.get('Model', 'new'), '7');
    assert.equal(must(file, env('MY__OWN__X', '7')).config.get('my__own', 'x'), '7');
    assert.equal(must('', env('PROGRESSPOOL__STYLE', '2')).settings.progressPool.style, '2');
    assert.match(errors('[m]\na=1\n[M]\na=2\n[mM]\n', env('mm__a', '3')), /ok/);
    assert.match(
      errors('[mx]\na=1\n[Mx]\na=2\n', env('MX__A', '3')),
      /could mean \[mx\] or \[Mx\]\n {2}set the value with -o/,
    );
    assert.match(
      warnings(file, env('MODLE__SWEEPS', '1')),
      /names no section of runner\.config\n {2}is \[Model\] meant/,
    );
    assert.match(warnings(file, env('RUN_RETRIES', '1')), /two underscores/);
    assert.equal(warnings(file, env('BUNDLE', '1')), '');
    const both = { JOB_SPLITTER_RUN__RETRIES: '1', JOB_SPLITTER_run__retries: '2' };
    assert.match(errors('', { environment: both }), /both set \[run\] retries\n {2}unset one/);
  });

  it('flags: add an option to a section of the user, never a section; dots in names', () => {
    const file = '[model]\nsweeps = 1\na.b = 1\n[x.y]\nz = 1\n';
    assert.equal(must(file, flag('model.fresh=3')).config.get('model', 'fresh'), '3');
    assert.match(
      warnings(file, flag('model.sweps=3')),
      /^-o model\.sweps=3 adds sweps to \[model\]\n {2}is sweeps meant/,
    );
    assert.equal(must(file, flag('model.a.b=3')).config.get('model', 'a.b'), '3');
    assert.equal(must(file, flag('x.y.z=3')).config.get('x.y', 'z'), '3');
    assert.equal(must(file, flag('MODEL.SWEEPS = a=b ')).config.get('model', 'sweeps'), 'a=b');
    assert.match(errors(file, flag('modle.sweeps=3')), /there is no section \[modle\]\n {2}is model meant/);
    assert.match(errors(file, flag('elsewhere.x=3')), /add a line \[elsewhere\] to runner\.config/);
    for (const bad of ['run.retries', 'retries=1', '.x=1', 'run.=1', '='])
      assert.match(errors(file, flag(bad)), /not of the form/);
  });

  it('references in flags and environment are replaced as in the file', () => {
    const file = '[model]\nbase = 4\nsweeps = 1\n';
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: references of runner.config
    assert.equal(must(file, flag('model.sweeps=${base}0')).config.getInt('model', 'sweeps'), 40);
    assert.equal(must(file, env('MODEL__SWEEPS', '${base}1')).config.getInt('model', 'sweeps'), 41);
    assert.match(
      errors(file, flag('model.sweeps=${bse}')),
      /^flag -o model\.sweeps: \[model\] sweeps: \$\{bse\} names nothing/,
    );
    assert.match(
      errors(file, env('MODEL__SWEEPS', '$5')),
      /^environment JOB_SPLITTER_MODEL__SWEEPS: \[model\] sweeps: \$ must be/,
    );
    assert.match(errors('[model]\nx =  ${y}\n'), /^runner\.config:2:6: \[model\] x: \$\{y\} names nothing/);
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above
  });

  it('origins, with effective values', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of runner.config
    const file = '[DEFAULT]\nretries = 7\n[model]\nname = x\npath = ${name}.dat\n[run]\nnice = 0\n';
    const { origins } = must(file, { ...env('RUN__GRACE', '5s'), ...flag('run.order=given') });
    const find = (section: string, name: string): unknown => {
      const found = origins.filter((origin) => origin.section === section && origin.name === name);
      assert.equal(found.length, 1, `${section}.${name}`);
      return [found[0]?.value, found[0]?.origin];
    };
    assert.deepEqual(find('run', 'retries'), ['7', 'runner.config:2 ([DEFAULT])']);
    assert.deepEqual(find('model', 'retries'), ['7', 'runner.config:2 ([DEFAULT])']);
    assert.deepEqual(find('model', 'path'), ['x.dat', 'runner.config:5']);
    assert.deepEqual(find('run', 'nice'), ['0', 'runner.config:7']);
    assert.deepEqual(find('run', 'grace'), ['5s', 'environment JOB_SPLITTER_RUN__GRACE']);
    assert.deepEqual(find('run', 'order'), ['given', 'flag -o run.order']);
    assert.deepEqual(find('run', 'halt'), ['auto', 'default']);
    assert.ok(!origins.some(({ section, name }) => section === 'logging' && name === 'retries'));
  });
});

describe('settings: what the experiment digest sees', () => {
  it('effective values of the user’s sections and what differs from the defaults in [random]', () => {
    const file =
      '[DEFAULT]\nscale = 2\n[model]\nsweeps = 5\n[random]\nstream = SAME\nseed = none\nmath_random = native\n[run]\nretries = 9\n';
    const { userSections, randomSection } = must(file, flag('model.sweeps=6'));
    assert.deepEqual(userSections, { DEFAULT: { scale: '2' }, model: { sweeps: '6', scale: '2' } });
    assert.deepEqual(randomSection, { math_random: 'native' });
    const strange = must('[__proto__]\na = 1\n[constructor]\n__proto__ = 2\n').userSections;
    assert.deepEqual(Object.keys(strange), ['__proto__', 'constructor']);
    assert.equal(Object.getOwnPropertyDescriptor(strange, '__proto__')?.value.a, '1');
    assert.equal(Object.getPrototypeOf(strange), Object.prototype);
  });

  it('a default that refers to names of other sections serves those that have them', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of runner.config
    const { userSections, config } = must('[DEFAULT]\npath = ${name}.dat\n[a]\nname = x\n[b]\ny = 1\n');
    assert.deepEqual(userSections, { DEFAULT: {}, a: { name: 'x', path: 'x.dat' }, b: { y: '1' } });
    assert.throws(() => config.get('b', 'path'), /runner\.config:2:8: \[b\] path: \$\{name\} names nothing/);
  });
});

describe('config in an experiment', () => {
  it('says where a value came from, and which name was meant', () => {
    const { config } = must('[model]\nx =\n  1.5\n  2\n', { ...env('MODEL__Y', 'abc'), ...flag('model.z=1e3') });
    assert.throws(() => config.getInt('model', 'x'), {
      message: 'runner.config:3:3: [model] x must be a whole number, got "\\n1.5\\n2"\n  3 |   1.5\n    |   ^',
    });
    assert.throws(
      () => config.getInt('model', 'y'),
      /^ConfigError: environment JOB_SPLITTER_MODEL__Y: \[model\] y must be/,
    );
    assert.throws(() => config.getInt('model', 'z'), /^ConfigError: flag -o model\.z: \[model\] z must be a whole/);
    assert.throws(() => config.get('modle', 'x'), /no section \[modle\]; is \[model\] meant\?$/);
    assert.throws(() => config.get('output', 'x'), /no section \[output\]; add the lines \[output\] and x = …\. Once/);
    assert.throws(() => config.get('DEFAULT', 'x'), /has no x in \[DEFAULT\]; add the line x = … to it/);
    assert.throws(() => config.getFloat('model', 'sweeps'), {
      message:
        "runner.config has no sweeps in [model]; add the line sweeps = … to it. Once jobs are done, mend the code instead: config.getFloat('model', 'sweeps', …) takes a default, while other settings are another experiment, which begins anew",
    });
    assert.throws(
      () => config.get('other', 'x'),
      /add the lines \[other\] and x = …\. Once .*config\.get\('other', 'x', …\)/,
    );
    assert.equal(config.getInt('model', 'none', 3), 3);
    assert.equal(config.getFloat('no', 'none', 0.5), 0.5);
    assert.equal(config.getBoolean('no', 'none', false), false);
    assert.equal(config.has('model', 'X'), true);
    assert.equal(config.has('run'), false);
    assert.deepEqual(config.sections(), ['model']);
  });

  it('reads [DEFAULT] as configparser does: its values, but it is no section', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of runner.config
    const text = '[DEFAULT]\nscale = 2\npath = ${name}.dat\n[model]\nname = x\nscale = 3\n';
    const { config, userSections, origins } = must(text, flag('DEFAULT.more=5'));
    assert.equal(config.getInt('DEFAULT', 'Scale'), 2);
    assert.equal(config.getInt('DEFAULT', 'more'), 5);
    assert.equal(config.getInt('model', 'scale'), 3);
    assert.equal(config.DEFAULT?.scale, '2');
    assert.throws(
      () => config.get('DEFAULT', 'path'),
      /runner\.config:3:8: \[DEFAULT\] path: \$\{name\} names nothing/,
    );
    assert.throws(() => config.get('DEFAULT', 'scal'), /is scale meant/);
    assert.equal(config.getInt('DEFAULT', 'none', 7), 7);
    assert.deepEqual([config.has('DEFAULT'), config.has('DEFAULT', 'scale')], [false, true]);
    assert.deepEqual(config.sections(), ['model']);
    // What jobs can read belongs to the experiment.
    assert.deepEqual(userSections.DEFAULT, { scale: '2', more: '5' });
    assert.ok(origins.some((it) => it.section === 'DEFAULT' && it.origin === 'runner.config:2'));
    assert.equal(configFromSnapshot(config.snapshot()).get('DEFAULT', 'scale'), '2');
  });

  it('a whole number that would be rounded is refused', () => {
    const { config } = must('[a]\nx = 9007199254740993\ny = -9_007_199_254_740_991\n');
    assert.throws(() => config.getInt('a', 'x'), /at most 2\^53 - 1/);
    assert.equal(config.getInt('a', 'y'), Number.MIN_SAFE_INTEGER);
  });

  it('sections named like methods are data all the same', () => {
    const entry = { value: '1', origin: 'o', inherited: false };
    for (const name of ['get', '__proto__', 'constructor', 'toString', 'then']) {
      const config = createConfig(new Map([[name, new Map([['__proto__', entry]])]]));
      assert.equal(config.get(name, '__proto__'), '1');
      assert.deepEqual(config.sections(), [name]);
    }
  });
});
