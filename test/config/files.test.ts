import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { repositoryFolder } from '../../build/folders.ts';
import { configFromSnapshot } from '../../src/config/config.ts';
import { countNamed, parseHeader } from '../../src/config/header.ts';
import { escapeMachineName } from '../../src/config/machine-name.ts';
import { parseMachines } from '../../src/config/machines.ts';
import { type ConfigSources, resolveConfig } from '../../src/config/resolve.ts';
import { settingsTable } from '../../src/config/settings-table.ts';
import type { Result } from '../../src/core/diagnostic.ts';
import { renderDiagnostic } from '../../src/core/render-diagnostic.ts';

const template = readFileSync(join(repositoryFolder, 'config-templates', 'runner.config'), 'utf8');
const resolve = (text: string, more: Partial<ConfigSources> = {}): ReturnType<typeof resolveConfig> =>
  resolveConfig({ file: 'runner.config', text, environment: {}, overrides: [], ...more });
const complaint = (result: Result<unknown>): string =>
  result.ok ? 'ok' : result.diagnostics.map(renderDiagnostic).join('\n');
const must = <Value>(result: Result<Value>): Value => {
  assert.ok(result.ok, complaint(result));
  return result.value;
};

describe('settings', () => {
  it('the template holds every setting with its default, and says the same as no file', () => {
    for (const { section, settings } of Object.values(settingsTable)) {
      for (const { name, fallback } of Object.values<{ name: string; fallback: string }>(settings)) {
        const part = template.slice(template.indexOf(`[${section}]`)).split(/\n\[/)[0] ?? '';
        const [above, setting] = part.split(`\n${name} = ${fallback}\n`);
        assert.ok(setting !== undefined, `[${section}] ${name} = ${fallback}`);
        // The columns share one comment.
        assert.match(above?.split('\n').at(-1) ?? '', /^# .*\.$|^include_\w+ = /, `comment of [${section}] ${name}`);
      }
    }
    const [written, absent] = [must(resolve(template)), must(resolve(''))];
    assert.deepEqual(written.settings, absent.settings);
    assert.deepEqual(written.randomSection, {});
    assert.deepEqual(written.warnings, []);
  });

  it('flags go over environment over file over defaults', () => {
    const text = '[run]\nretries = 3\n[model]\nsweeps = 5\n';
    const environment = { JOB_SPLITTER_RUN__RETRIES: '4', JOB_SPLITTER_MODEL__SWEEPS: '6' };
    assert.equal(must(resolve(text)).settings.run.retries, 3);
    assert.equal(must(resolve(text, { environment })).settings.run.retries, 4);
    const all = must(resolve(text, { environment, overrides: ['run.retries=5'] }));
    assert.equal(all.settings.run.retries, 5);
    assert.deepEqual(all.userSections, { model: { sweeps: '6' } });
    assert.equal(all.origins.find(({ name }) => name === 'retries')?.origin, 'flag -o run.retries');
  });

  it('mistakes are shown with line, caret and a way out', () => {
    assert.equal(
      complaint(resolve('[run]\ntimeout = soon\n')),
      'runner.config:2:11: [run] timeout must be a time such as 90 (seconds), 10s or 1h30m, or none, got "soon"\n  2 | timeout = soon\n    |           ^',
    );
    assert.match(complaint(resolve('', { overrides: ['rnu.retries=1'] })), /is run meant\?/);
    assert.match(must(resolve('[run]\nretrys = 1\n')).warnings.map(renderDiagnostic).join(), /is retries meant\?/);
    assert.match(complaint(resolve('[logging]\nfile_name = ../x\n')), /a plain file name/);
  });

  it('an experiment reads values of its own, also in a worker', () => {
    const { config } = must(
      resolve('[model]\nSweeps = 12\nx = 1e-3\non = Yes\nsize = 1.5G\ntime = 1h30m\n[__proto__]\na = 1\n'),
    );
    const copy = configFromSnapshot(JSON.parse(JSON.stringify(config.snapshot())));
    for (const it of [config, copy]) {
      assert.equal(it.getInt('model', 'SWEEPS'), 12);
      assert.equal(it.model?.sweeps, '12');
      assert.equal(it.getFloat('model', 'x'), 0.001);
      assert.equal(it.getBoolean('model', 'on'), true);
      assert.equal(it.getFileSize('model', 'size'), 1.5 * 1024 ** 3);
      assert.equal(it.getDuration('model', 'time'), 5_400);
      assert.equal(it.get('__proto__', 'a'), '1');
      assert.equal(it.getInt('model', 'none', 3), 3);
      assert.throws(
        () => it.getInt('model', 'x'),
        /runner\.config:3:5: \[model\] x must be a whole number, got "1e-3"/,
      );
      assert.throws(() => it.get('model', 'sweps'), /is sweeps meant\?/);
    }
  });
});

describe('machines.json', () => {
  it('takes both forms, in order of names, weights exactly', () => {
    const machines = must(parseMachines('{ "b": [0.1, 4], "a": {"weight": 2.5, "cores": 8, "host": "me@lab"} }', 'm'));
    assert.deepEqual(
      machines.map(({ name, cores, host }) => [name, cores, host]),
      [
        ['a', 8, 'me@lab'],
        ['b', 4, undefined],
      ],
    );
    assert.deepEqual(machines[1]?.weight, { numerator: 1n, denominator: 10n });
  });

  it('names become different folder names that every system takes', () => {
    for (const name of ['con', 'CON.x', 'a/b', 'a.', ' a', 'ü', '..', 'a%2Fb']) {
      assert.match(escapeMachineName(name), /^[^/\\:*?"<>|. ][^/\\:*?"<>|]*(?<![. ])$|^[^/\\:*?"<>|. ]$/);
    }
    const name = fc.string({ minLength: 1 }).filter((text) => text.isWellFormed());
    fc.assert(fc.property(name, name, (a, b) => a === b || escapeMachineName(a) !== escapeMachineName(b)));
  });
});

describe('header.csv', () => {
  const shape = { results: must(resolve('')).settings.results, argumentCount: 1, columns: ['x', 'y, z'] };

  it('empty means generated; a fitting line is used; another shows the line to paste', () => {
    assert.equal(must(parseHeader('\n', 'header.csv', shape)), undefined);
    assert.deepEqual(must(parseHeader('a,b,c,d,e,"f,g"\n', 'header.csv', shape)), ['a', 'b', 'c', 'd', 'e', 'f,g']);
    assert.match(
      complaint(parseHeader('a,b\n', 'header.csv', shape)),
      /has 2 columns, the results have 6[\s\S]*\n {2}Run Start Time,Job Running Time,Job Start Time,Job ID,x,"y, z"/,
    );
  });

  it('where the experiment names no columns, the line to paste keeps the names that are there', () => {
    const unnamed = { ...shape, columns: undefined };
    const meta = 'Run Start Time,Job Running Time,Job Start Time,Job ID';
    for (const [text, message, line] of [
      ['size,"a, b",Seed', 'the header has 3 columns, 4 stand before the results', `${meta},size,"a, b",Seed`],
      ['Job ID,Machine,size', 'the header has 3 columns, 4 stand before the results', `${meta},size`],
      [meta, 'the header has 4 columns, 4 stand before the results', `${meta},Result`],
      [`${meta},size\nx`, 'must hold one line, has 2', `${meta},size`],
      ['Job ID;size;energy', 'columns stand between semicolons, must be between commas', `${meta},size,energy`],
    ] as const) {
      const said = complaint(parseHeader(`${text}\n`, 'header.csv', unnamed));
      assert.ok(said.includes(message), said);
      assert.ok(said.includes('(at its end one name for each value of a result)'), said);
      assert.ok(said.endsWith(`\n  ${line}`), said);
    }
    const cells = must(parseHeader(`${meta},size,energy\n`, 'header.csv', unnamed));
    assert.equal(countNamed(unnamed, cells), 2);
    assert.equal(countNamed(unnamed, undefined), undefined);
    assert.equal(countNamed(shape, cells), undefined);
  });

  it('the line to paste has no column twice that was renamed', () => {
    const unnamed = { ...shape, columns: undefined };
    const known = 'Run Start Time,Job Running Time,Job Start Time';
    const withMachine = { ...unnamed, results: { ...shape.results, includeMachine: true } };
    const renamed = 'start,took,begun,id';
    for (const [text, given, how, line] of [
      [`${known},id`, unnamed, 'paste this line, with id where each belongs (', `${known},Job ID,Result`],
      [`${known},id,energy`, withMachine, ', with id, energy where each belongs (', `${known},Job ID,Machine,Result`],
      ['start,Job Running Time,,Job ID', unnamed, 'line (', 'start,Job Running Time,Job Start Time,Job ID,Result'],
      ['Machine,x,y,Job ID', unnamed, ', with x, y where each belongs (', `${known},Job ID,Result`],
      ['id', unnamed, ', moving to the front what you call the first 4 columns (', `${known},Job ID,id`],
      [`${renamed};energy`.replaceAll(',', '; '), unnamed, 'line (', `${renamed},energy`],
      [`${renamed},energy\nx`, unnamed, 'line (', `${renamed},energy`],
      ['Job ID;size;a;b;c', unnamed, 'line (', `${known},Job ID,size,a,b,c`],
      [`${renamed};x;y`.replaceAll(',', ';'), shape, 'line, or', `${renamed},x,y`],
    ] as const) {
      const said = complaint(parseHeader(`${text}\n`, 'header.csv', given));
      assert.ok(said.includes(how), said);
      assert.ok(said.endsWith(`\n  ${line}`), said);
    }
  });

  it('the line to paste is one that can be shown', () => {
    for (const text of [
      `a${'b'.repeat(9_000)}`,
      `Run Start Time,Job Running Time,Job Start Time,${'b'.repeat(9_000)}`,
    ]) {
      const said = complaint(parseHeader(text, 'header.csv', { ...shape, columns: undefined }));
      assert.ok(said.endsWith('\n  Run Start Time,Job Running Time,Job Start Time,Job ID,Result'), said.slice(-200));
      assert.ok(said.length < 800);
    }
  });

  it('the line to paste fits, whatever was there', () => {
    const unnamed = { ...shape, columns: undefined };
    const names = [
      'Run Start Time',
      'Job Running Time',
      'Job Start Time',
      'Job ID',
      'Machine',
      'Seed',
      'id',
      'size',
      'x',
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(names, { minLength: 1 }), fc.constantFrom(',', ';'), (cells, separator) => {
        const said = complaint(parseHeader(cells.join(separator), 'header.csv', unnamed));
        if (said === 'ok') return;
        const pasted = must(parseHeader(said.slice(said.lastIndexOf('\n') + 3), 'header.csv', unnamed)) ?? [];
        assert.equal(new Set(pasted).size, pasted.length, said);
      }),
    );
  });
});
