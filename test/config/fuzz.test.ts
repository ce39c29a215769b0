import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { repositoryFolder } from '../../build/folders.ts';
import { ConfigError } from '../../src/config/config.ts';
import { parseHeader } from '../../src/config/header.ts';
import { parseMachines } from '../../src/config/machines.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import type { Result } from '../../src/core/diagnostic.ts';
import { encodeJson } from '../../src/core/json.ts';
import { createRandom, type Random } from '../../src/core/random.ts';
import { renderDiagnostic } from '../../src/core/render-diagnostic.ts';

/** SEEDS=1000000 for a long round; SEED=… replays one. */
const rounds = Number(process.env.SEEDS || 10_000);

const read = (...path: string[]): string => readFileSync(join(repositoryFolder, ...path), 'utf8');

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: references of runner.config
const configs = [
  read('config-templates/runner.config'),
  read('test/fixtures/python-original/runner.config'),
  '[DEFAULT]\nbase = /data\n\n[model]\nsweeps = 12\npath = ${base}/x\nmore = ${run:retries}\nlong = a\n  b\n\n  c\n[run]\nretries = 3\n',
];
const config = [...configs, ...configs.slice(2), ...configs.slice(2)];
const machines = [
  '{ "lab1": [1.0, 8], "lab2": [2.5, 16] }',
  '{\n  "a": {"weight": 1e-9, "cores": 8, "host": "me@lab1"},\n  "b": [1, 2]\n}\n',
  read('config-templates/machines.json'),
];
const headers = [
  'Run Start Time,Job Running Time,Job Start Time,Job ID,x,"y, z"\n',
  'a,b,c,d,e,f\r\n',
  '"a ""b""",c\n',
];

const splices = [
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '[__proto__]\n',
    '__proto__ = 1\n',
    '"__proto__": [1, 1],',
  ],
  ...[
    '${',
    '${__proto__:a}',
    '${a}${a}${a}',
    '$',
    '[',
    ']',
    '{',
    '}',
    '"',
    ',',
    ':',
    '=',
    '\\',
    '\\u12',
    '//',
    '/*',
    '#',
  ],
  ...[
    '\u0000',
    '\u001b[31m',
    '\u009b',
    '\u202e',
    '\u2028',
    '\ufeff',
    '\ufffd',
    '\ud800',
    '\r',
    '\r\n',
    '\t',
    '1e999',
    '-0',
  ],
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above

function mangle(good: readonly string[], random: Random): string {
  let text = random.pick(good);
  for (let left = random.int(1, 5); left > 0; left--) {
    const at = random.int(0, text.length);
    const to = Math.min(text.length, at + random.int(1, random() < 0.3 ? 200 : 4));
    const piece = text.slice(at, to);
    const kind = random.int(0, 6);
    if (kind === 0) text = text.slice(0, at) + flip(piece.slice(0, 1), random) + text.slice(at + 1);
    else if (kind === 1) text = text.slice(0, at) + text.slice(to);
    else if (kind === 2) text = text.slice(0, to) + text.slice(at);
    else if (kind === 3) text = text.slice(0, at) + random.pick(splices) + text.slice(at);
    else if (kind === 4) text = text.slice(0, at) + random.pick(good).slice(random.int(0, 40)) + text.slice(to);
    else if (kind === 5 && random() < 0.05)
      text = text.slice(0, at) + piece.slice(0, 8).repeat(20_000) + text.slice(at);
    else text = text.slice(0, at) + random.pick(splices).repeat(random.int(1, 40)) + text.slice(at);
  }
  return text;
}

const flip = (character: string, random: Random): string =>
  String.fromCharCode((character.charCodeAt(0) || 0) ^ (1 << random.int(0, 8)));

/** What a person would be shown holds nothing that a terminal obeys. */
function checkResult(result: Result<unknown>): 'valid' | 'refused' {
  if (result.ok) return 'valid';
  assert.ok(result.diagnostics.length > 0 && result.diagnostics.length <= 50);
  for (const diagnostic of result.diagnostics) {
    const rendered = renderDiagnostic(diagnostic);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    assert.doesNotMatch(rendered, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    assert.ok(rendered.length < 5_000, `${rendered.length} characters`);
  }
  return 'refused';
}

function checkConfig(text: string): 'valid' | 'refused' {
  const result = resolveConfig({ file: 'runner.config', text, environment: {}, overrides: [] });
  if (!result.ok) return checkResult(result);
  const { config, warnings, userSections } = result.value;
  if (warnings.length > 0) checkResult({ ok: false, diagnostics: warnings });
  for (const section of config.sections()) {
    for (const [name, entry] of config.snapshot().find(([it]) => it === section)?.[1] ?? []) {
      if (entry.problem === undefined) assert.equal(config.get(section, name), entry.value);
    }
  }
  try {
    config.getInt('model', 'sweeps');
  } catch (error) {
    assert.ok(error instanceof ConfigError);
  }
  encodeJson(userSections);
  return 'valid';
}

const defaults = resolveConfig({ file: 'f', text: '', environment: {}, overrides: [] });
assert.ok(defaults.ok);
const { results } = defaults.value.settings;
const shape = { results, argumentCount: 1, columns: ['x', 'y, z'] };

const prototypeNames = (): string[] =>
  [Object.prototype, Array.prototype, Map.prototype].flatMap(Object.getOwnPropertyNames);

/** No time of a single text is measured: a hang ends the whole test. */
const options = { timeout: process.env.SEEDS ? undefined : 60_000 } as { timeout: number };

describe('mangled files give values or diagnostics', () => {
  for (const [name, good, check] of [
    ['runner.config', config, checkConfig],
    ['machines.json', machines, (text: string) => checkResult(parseMachines(text, 'machines.json'))],
    ['header.csv', headers, (text: string) => checkResult(parseHeader(text, 'header.csv', shape))],
  ] as const) {
    it(name, options, () => {
      const before = prototypeNames();
      const seen = { valid: 0, refused: 0 };
      const replayed = process.env.SEED;
      for (let seed = 0; seed < (replayed ? 1 : rounds); seed++) {
        const key = replayed || String(seed);
        const text = mangle(good, createRandom(`fuzz ${name} ${key}`));
        try {
          seen[check(text)]++;
        } catch (error) {
          const replay = `SEED=${key} ONLY=config/fuzz make test`;
          throw new Error(`${replay}: ${name}: ${JSON.stringify(text.slice(0, 2_000))}`, { cause: error });
        }
      }
      assert.deepEqual(prototypeNames(), before);
      if (replayed) return;
      for (const [what, number] of Object.entries(seen)) assert.ok(number > rounds / 50, `only ${number} ${what}`);
    });
  }
});
