import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { repositoryFolder } from '../../build/folders.ts';
import { parseHeader } from '../../src/config/header.ts';
import { parseMachines } from '../../src/config/machines.ts';
import { type ResolvedConfig, resolveConfig } from '../../src/config/resolve.ts';
import { renderDiagnostic } from '../../src/core/render-diagnostic.ts';

const read = (name: string): string =>
  readFileSync(join(repositoryFolder, 'test/fixtures/python-original', name), 'utf8');

function resolve(text: string): ResolvedConfig {
  const result = resolveConfig({ file: 'runner.config', text, environment: {}, overrides: [] });
  assert.ok(result.ok, result.ok ? '' : result.diagnostics.map(renderDiagnostic).join('\n'));
  return result.value;
}

describe("the Python original's files", () => {
  it('runner.config loads; the format of its log is a warning', () => {
    const { settings, warnings, userSections } = resolve(read('runner.config'));
    assert.equal(settings.progressPool.chunksize, 1);
    assert.equal(settings.logging.backupCount, 10_240);
    assert.equal(settings.logging.level, 'debug');
    assert.equal(settings.logging.maxFileSizeBytes, 64 * 1024 ** 2);
    assert.equal(settings.logging.fileName, 'test');
    assert.equal(settings.results.compress, true);
    assert.equal(settings.results.includeJobDoneTime, true);
    assert.deepEqual(userSections, {});
    const [warning, ...more] = warnings;
    assert.deepEqual(more, []);
    assert.equal(warning?.severity, 'warning');
    assert.match(
      warning ? renderDiagnostic(warning) : '',
      /^runner\.config:10:10: \[logging\] format has no meaning here/,
    );
  });

  for (const [spelt, level] of [
    ['NOTSET', 'trace'],
    ['0', 'trace'],
    ['10', 'debug'],
    ['20', 'info'],
    ['INFO', 'info'],
    ['WARN', 'warn'],
    ['Warning', 'warn'],
    ['30', 'warn'],
    ['40', 'error'],
    ['50', 'fatal'],
    ['CRITICAL', 'fatal'],
    ['FATAL', 'fatal'],
  ] as const) {
    it(`level ${spelt} is ${level}`, () =>
      assert.equal(resolve(`[logging]\nlevel = ${spelt}\n`).settings.logging.level, level));
  }

  it('machines.json loads; its template has a message of its own', () => {
    const machines = parseMachines(read('machines.json'), 'machines.json');
    assert.ok(machines.ok);
    assert.deepEqual(
      machines.value.map(({ name, cores }) => [name, cores]),
      [
        ['lab1', 8],
        ['lab2', 12],
      ],
    );
    const template = parseMachines(read('machines-template.txt'), 'machines.json');
    assert.ok(!template.ok);
    assert.match(
      template.diagnostics.map(renderDiagnostic).join(),
      /^machines\.json:1:23: the template is not filled in/,
    );
  });

  it('header.csv fits its settings; otherwise the error holds the line, which then fits', () => {
    const { results } = resolve(read('runner.config')).settings;
    const shape = { results, argumentCount: 2, columns: ['size', 'energy'] };
    const good = read('header.csv');
    for (const text of [good, `\ufeff${good}`, good.replace('\n', '\r\n'), `\n\r\n${good}\n\n`, good.trimEnd()]) {
      const header = parseHeader(text, 'header.csv', shape);
      assert.ok(header.ok);
      assert.equal(header.value?.length, 7);
    }
    for (const [text, what] of [
      [
        'Run Start Time,Job Running Time,Job Start Time,size,energy\n',
        /:1: the header has 5 columns, the results have 7/,
      ],
      [good.replaceAll(',', ';'), /:1: columns stand between semicolons/],
      [good.replaceAll(',', '\t'), /:1: columns stand between tabs/],
      [`\n"Run Start Time,Job Running\n`, /:2: a quote is not closed/],
      [`Run "Start" Time,x\n`, /:1: a quote is not closed, or stands inside/],
      [`${good}${good}`, /:2: must hold one line, has 2/],
      [good.replace('\n', ',\n'), /has 8 columns, the results have 7/],
    ] as const) {
      const header = parseHeader(text, 'header.csv', shape);
      assert.ok(!header.ok, text);
      const message = header.diagnostics.map(renderDiagnostic).join('\n');
      assert.match(message, what);
      const line = message.split('\n').at(-1)?.trim() ?? '';
      assert.equal(line, good.trim());
      assert.ok(parseHeader(line, 'header.csv', shape).ok);
    }
  });
});
