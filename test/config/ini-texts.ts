import { createRandom, type Random } from '../../src/core/random.ts';

/*
 * Texts of runner.config: a grammar that knows every corner of configparser's, and mutations of what it makes. A text
 * depends on its seed alone.
 */

/** White space of both languages and characters that are none in one of them or only look like it. */
const blanks = [' ', ' ', ' ', '\t', '\v', '\f', '\u001c', '\u001f', '\u0085', '\u00a0', '\u2028', '\u2029', '\u3000'];
const lookalikes = ['\ufeff', '\u200b', '\u180e', '\u0000'];
const lineEnds = ['\n', '\n', '\n', '\r\n', '\r'];

const sections = [
  ...['a', 'b', 'DEFAULT', 'A', 'x y', ' a ', 'a.b', 'a[]', 'p]q', 'default', '__proto__', 'constructor', 'toString'],
  ...['run', 'ü', 'a:b', '[', ']', '\u2028', '#', '$k'],
];
const names = [
  ...['k', 'k', 'k2', 'k3', 'K', 'K2', 'a.b', 'a b', '__proto__', 'constructor', 'key[0]', '[k', 'k]', 'k#', 'x;y'],
  ...['İ', 'ẞ', 'ΑΣ', 'ΑΣ.', 'Ǆ', 'K', '%k', 'k%', '"k"', '', '\ufeffk', 'k\u2028x', 'k\u001cx', '$k'],
];
const numbers = [
  ...['0', '1', '-0', '007', '+5', '1_000', '1__0', '_1', '1_', '1e5', '1_0.5', '1._5', '.5', '5.', '.', '1e', '1E-3'],
  ...['inf', '+nan', '-Infinity', 'infinit', 'NaN', '9007199254740991', '9007199254740992', '1e999', '0x10', '1e1_0'],
  ...['٣', '１２', '𝟙𝟚', '-٣.٥', '5 ', '\u00a07', '- 1', '--1', '1,5', '1 000', '४_२', '²'],
];
const words = [
  'yes',
  'No',
  'TRUE',
  'off',
  'oN',
  'y',
  'word',
  'two words',
  'ſ',
  '%(k)s',
  '%%',
  '50%',
  '"quoted"',
  '',
  '',
];
// biome-ignore-start lint/suspicious/noTemplateCurlyInString: references of runner.config, not of JavaScript
const references = [
  ...['${k}', '${K2}', '${k3}', '${a:k}', '${b:K}', '${DEFAULT:k}', '${x y:k}', '${nothing}', '${no:k}', '${a:b:c}'],
  ...['$$', '$', '$x', '${', '${}', '${ k}', '${a:}', '${:k}', '$${k}', '${k}}', '${a.b}', '${__proto__:k}', '$$$'],
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above
const rest = ['', '', ' # no comment', ' ; none either', ' = more', ': more', '\u001c', '\\'];

const sometimes = (random: Random, chance: number, make: () => string): string => (random() < chance ? make() : '');

function drawBlank(random: Random): string {
  const alphabet = random() < 0.06 ? lookalikes : blanks;
  return sometimes(random, 0.4, () => random.pick(alphabet)) + sometimes(random, 0.1, () => random.pick(alphabet));
}

function drawValue(random: Random): string {
  const parts = Array.from({ length: random() < 0.7 ? 1 : random.int(0, 3) }, () =>
    random.pick(random.pick([numbers, numbers, words, references])),
  );
  return parts.join(random.pick(['', ' ', '/'])) + random.pick(rest);
}

/** Mostly different ones: a name that is there twice ends the comparison. */
function drawName(random: Random): string {
  return random() < 0.6 ? `k${random.int(1, 30)}` : random.pick(names);
}

function drawLine(random: Random): string {
  const blank = (): string => drawBlank(random);
  const chance = random();
  if (chance < 0.1) return `${blank()}[${random.pick(sections)}]${sometimes(random, 0.1, () => ' tail]')}${blank()}`;
  if (chance < 0.72) {
    const indent = sometimes(random, 0.15, () => random.pick(['  ', '\t', '\u001c', '\u3000']));
    return `${indent}${drawName(random)}${blank()}${random.pick(['=', '=', '=', ':'])}${blank()}${drawValue(random)}`;
  }
  if (chance < 0.87) return `${random.pick(['  ', '    ', '\t', '\u0085 ', '\u00a0'])}${drawValue(random)}${blank()}`;
  if (chance < 0.92) return blank();
  if (chance < 0.99) return `${blank()}${random.pick(['#', ';'])} note = ${drawValue(random)}`;
  return random.pick([
    'just words',
    '[open',
    '[]',
    '[]x',
    '= nothing',
    ': nothing',
    ']',
    '[a',
    'k',
    '[a] = b',
    '\ufeff[a]',
  ]);
}

const mutants = [...blanks, ...lookalikes, ...'[]=:#;{$}%\r\n\\"ab10_.+-', 'İ', '😀', '__proto__', '\r\n'];

function mutate(text: string, random: Random): string {
  let mutated = text;
  for (let left = random.int(1, 4); left > 0; left--) {
    // A code unit of its own is no text that Python could read from a file.
    const at = random.int(0, mutated.length);
    const [before, after] = [mutated.slice(0, at), mutated.slice(at)];
    const kind = random.int(0, 3);
    if (kind === 0) mutated = before + random.pick(mutants) + after;
    else if (kind === 1) mutated = before + after.slice(1);
    else if (kind === 2) mutated = before + random.pick(mutants) + after.slice(1);
    else mutated = before + before.slice(-random.int(1, 12)) + after;
  }
  return mutated.toWellFormed();
}

export function drawIniText(seed: number): string {
  const random = createRandom(`ini ${seed}`);
  const lines = Array.from({ length: random.int(1, 12) }, () => drawLine(random));
  const start = random() < 0.9 ? `[${random.pick(['a', 'a', 'b', 'DEFAULT'])}]\n` : '';
  const mark = random() < 0.05 ? '\ufeff' : '';
  const oneEnd = random.pick(lineEnds);
  const ends = random() < 0.3 ? lineEnds : [oneEnd];
  const text = mark + start + lines.map((line) => line + random.pick(ends)).join('');
  return (random() < 0.25 ? mutate(text, random) : text).toWellFormed();
}

const numberParts = [
  ...['1', '0', '7', '12', '_', '.', 'e', 'E', '+', '-', 'inf', 'nan', 'inity', 'x', ' ', '\n', '\u001c', '\u0085'],
  ...['\u00a0', '\u2003', '\ufeff', '٣', '９', '𝟙', '𝟿', '௩', '²', '½', '\u0000', '\u007f'],
];

/** Texts that are nearly numbers. */
export function drawNumberText(seed: number): string {
  const random = createRandom(`number ${seed}`);
  if (random() < 0.3) return random.pick(numbers);
  return Array.from({ length: random.int(1, 6) }, () =>
    random.pick(random() < 0.5 ? numberParts.slice(0, 9) : numberParts),
  ).join('');
}
