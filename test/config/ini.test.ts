import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { repositoryFolder } from '../../build/folders.ts';
import { createConfig } from '../../src/config/config.ts';
import { parseIni } from '../../src/config/ini.ts';
import { layersOf } from '../../src/config/layers.ts';
import { stripPython } from '../../src/config/python-text.ts';
import { type Reader, readBoolean, readFloat, readInt } from '../../src/config/readers.ts';
import { resolveReferences } from '../../src/config/references.ts';
import { drawIniText, drawNumberText } from './ini-texts.ts';

const hasPython = spawnSync('python3', ['--version']).status === 0;
const skip = hasPython ? false : 'python3 is not installed';

/** Name, value, and what getint, getfloat and getboolean give; `null` where one refuses. */
type Option = readonly [string, string | null, string | null, number | null, boolean | null];
type Sections = readonly (readonly [string, readonly Option[]])[];

interface Judgement {
  readonly texts: readonly (
    | readonly (readonly [
        string,
        readonly (readonly [string, string | null, string | null, string | null, boolean | null])[],
      ])[]
    | null
  )[];
  readonly numbers: readonly (readonly [string | null, string | null])[];
  readonly strips: readonly string[];
  /** `null` where this Python's Unicode does not know the character yet. */
  readonly lowers: readonly (string | null)[];
}

function askPython(given: Partial<Record<keyof Judgement, readonly string[]>>): Judgement {
  const { stdout, stderr } = spawnSync('python3', [join(repositoryFolder, 'test/fixtures/configparser_judge.py')], {
    input: JSON.stringify({ texts: [], numbers: [], strips: [], lowers: [], ...given }),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

/** A float as Python's repr spells it. */
function fromRepr(spelt: string | null): number | null {
  if (spelt === null) return null;
  return spelt.endsWith('inf') ? Number(spelt.replace('inf', 'Infinity')) : Number(spelt);
}

function readOurs(text: string): Sections | null {
  const document = parseIni(text, 'f');
  if (!document.ok) return null;
  const layers = layersOf(document.value);
  const effective = new Map([...resolveReferences(layers)].filter(([section]) => layers.has(section)));
  const config = createConfig(effective);
  return ['DEFAULT', ...config.sections()].map((section) => {
    const entries = [...(effective.get(section) ?? [])];
    return [
      section,
      entries.map(([name, { problem, value }]): Option => {
        if (problem !== undefined) {
          assert.throws(() => config.get(section, name), { name: 'ConfigError' });
          return [name, null, null, null, null];
        }
        assert.equal(config.get(section, name), value);
        const read = <Value>(reader: Reader<Value>): Value | null => {
          const reading = reader(value);
          return reading.ok ? reading.value : null;
        };
        const whole = read(readInt);
        return [name, value, whole === null ? null : String(whole), read(readFloat), read(readBoolean)];
      }),
    ];
  });
}

describe('runner.config', () => {
  it("means what Python's configparser says", { skip }, () => {
    const texts = Array.from({ length: 10_000 }, (_, seed) => drawIniText(seed));
    // Ten levels of references are allowed, eleven are not.
    for (let length = 8; length <= 13; length++) {
      const links = Array.from({ length }, (_, at) => `c${at} = \${c${at + 1}}`);
      texts.push(`[a]\n${links.join('\n')}\nc${length} = 1\n`, `[a]\n${links.join('\n')}\nc${length} = $$\n`);
    }
    const theirs = askPython({ texts }).texts;
    const seen = { accepted: 0, refused: 0, values: 0, problems: 0, wholes: 0, floats: 0, booleans: 0 };
    for (const [seed, text] of texts.entries()) {
      const expected: Sections | null =
        theirs[seed]?.map(([section, options]) => [
          section,
          options.map(([name, value, whole, float, boolean]): Option => [name, value, whole, fromRepr(float), boolean]),
        ]) ?? null;
      assert.deepEqual(readOurs(text), expected, `seed ${seed}: ${JSON.stringify(text)}`);
      seen[expected === null ? 'refused' : 'accepted']++;
      for (const [, value, whole, float, boolean] of expected?.flatMap(([, options]) => options) ?? []) {
        seen[value === null ? 'problems' : 'values']++;
        if (whole !== null) seen.wholes++;
        if (float !== null) seen.floats++;
        if (boolean !== null) seen.booleans++;
      }
    }
    // A generator whose texts are all refused would compare nothing.
    for (const [what, number] of Object.entries(seen)) assert.ok(number > 300, `only ${number} ${what}`);
  });

  it("reads numbers as Python's int and float do", { skip }, () => {
    const numbers = Array.from({ length: 20_000 }, (_, seed) => drawNumberText(seed));
    const theirs = askPython({ numbers }).numbers;
    for (const [seed, text] of numbers.entries()) {
      const [whole, float] = [readInt(text), readFloat(text)];
      assert.ok(!whole.ok || !Object.is(whole.value, -0), 'Python has no whole number -0');
      const ours = [whole.ok ? String(whole.value) : null, float.ok ? float.value : null];
      const [theirWhole = null, theirFloat = null] = theirs[seed] ?? [];
      assert.deepEqual(ours, [theirWhole, fromRepr(theirFloat)], `seed ${seed}: ${JSON.stringify(text)}`);
    }
  });

  it('strips the white space that Python strips and lowers case as it does, all characters', { skip }, () => {
    const all: string[] = [];
    for (let code = 0; code < 0x11_0000; code++) {
      if ((code < 0xd800 || code > 0xdfff) && /\P{Cn}/u.test(String.fromCodePoint(code)))
        all.push(String.fromCodePoint(code));
    }
    const texts = all
      .filter((character) => /[\p{Z}\p{C}]/u.test(character) && !/\p{Co}/u.test(character))
      .map((character) => `${character}x${character}`);
    const cased = all.filter((character) => character.toLowerCase() !== character);
    const { strips, lowers } = askPython({ strips: texts, lowers: cased });
    assert.deepEqual(texts.map(stripPython), strips);
    const known = cased.filter((_, at) => lowers[at] !== null);
    assert.ok(known.length > 1_300);
    assert.deepEqual(
      known.map((name) => name.toLowerCase()),
      lowers.filter((lower) => lower !== null),
    );
  });

  it('doubling references end with a message, not with the memory', () => {
    const levels = Array.from({ length: 9 }, (_, at) => `v${at} = ${`\${v${at + 1}}`.repeat(50)}`);
    for (const [last, what] of [
      ['', /too many references/],
      ['x'.repeat(1000), /longer than 1048576 characters/],
    ] as const) {
      const document = parseIni(`[a]\n${levels.join('\n')}\nv9 = ${last}\n`, 'f');
      assert.ok(document.ok);
      const entries = resolveReferences(layersOf(document.value)).get('a');
      assert.match(entries?.get('v0')?.problem ?? '', what);
      assert.equal(entries?.get('v8')?.value, last.repeat(50));
    }
  });
});
