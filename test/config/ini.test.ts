import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { parseIni } from '../../src/config/ini.ts';
import { interpolate } from '../../src/config/interpolate.ts';
import { createRandom } from '../../src/core/random.ts';

const hasPython = spawnSync('python3', ['--version']).status === 0;

/** Reads many texts with the real configparser; `null` where it refuses one. */
const judge = `
import configparser, json, sys
out = []
for text in json.load(sys.stdin):
    parser = configparser.ConfigParser(interpolation=configparser.ExtendedInterpolation(), strict=True)
    try:
        parser.read_string(text)
        out.append({s: {o: parser.get(s, o) for o in parser[s]} for s in parser.sections()})
    except configparser.Error:
        out.append(None)
json.dump(out, sys.stdout)
`;

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: references of runner.config, not of JavaScript
const pieces = [
  '[a]',
  '[b]',
  '[DEFAULT]',
  '[x y]',
  'k = v',
  'K: w',
  'k2=',
  'long = one',
  '  two',
  '\tthree',
  '',
  '   ',
  '# note',
  '; note',
  '  # inner',
  'path = ${k}/x',
  'ref = ${b:k}',
  'dollar = $$5',
  'bad = $x',
  'colon: a=b',
  'eq = a:b',
  'just words',
  '= nothing',
  '[open',
  'k3 = ${k3}',
];

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above

function drawText(seed: number): string {
  const random = createRandom(`ini ${seed}`);
  const lines = Array.from({ length: random.int(1, 9) }, () => random.pick(pieces));
  return ['[a]', ...lines].join('\n');
}

function readOurs(text: string): Record<string, Record<string, string>> | null {
  const document = parseIni(text, 'f');
  if (!document.ok) return null;
  const { defaults, sections } = document.value;
  const lookup = (section: string, name: string): string | undefined => {
    const own = section === 'DEFAULT' ? defaults : sections.get(section);
    return own === undefined ? undefined : (own.get(name) ?? defaults.get(name))?.value;
  };
  const all: Record<string, Record<string, string>> = {};
  for (const [section, own] of sections) {
    all[section] = {};
    for (const [name, { value }] of new Map([...defaults, ...own])) {
      const result = interpolate(value, section, lookup);
      if (!result.ok) return null;
      all[section][name] = result.value;
    }
  }
  return all;
}

describe('runner.config', () => {
  it("means what Python's configparser says", { skip: hasPython ? false : 'python3 is not installed' }, () => {
    const texts = Array.from({ length: 5_000 }, (_, seed) => drawText(seed));
    const { stdout, stderr } = spawnSync('python3', ['-c', judge], {
      input: JSON.stringify(texts),
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    assert.equal(stderr, '');
    const theirs: unknown[] = JSON.parse(stdout);
    let accepted = 0;
    for (const [at, text] of texts.entries()) {
      assert.deepEqual(readOurs(text), theirs[at], text);
      if (theirs[at] !== null) accepted++;
    }
    assert.ok(accepted > 500, `only ${accepted} texts were valid`);
  });
});
