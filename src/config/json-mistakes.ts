import { createScanner } from 'jsonc-parser';

/** What is wrong in the form of a machines file, as people get it wrong. */
export interface JsonMistake {
  readonly offset: number;
  readonly message: string;
  readonly hint: string;
}

/** The scanner's numbers: its enum exists in types alone. */
const kinds = {
  openBrace: 1,
  closeBrace: 2,
  openBracket: 3,
  closeBracket: 4,
  comma: 5,
  colon: 6,
  string: 10,
  number: 11,
  lineComment: 12,
  blockComment: 13,
  lineBreak: 14,
  space: 15,
  unknown: 16,
  end: 17,
} as const;
const stringErrors: ReadonlyMap<number, readonly [string, string]> = new Map([
  [2, ['the closing quote is missing', 'a name stands in double quotes, on one line']],
  [4, ['\\u must be followed by four hexadecimal digits', 'a backslash itself is written \\\\']],
  [5, ['a backslash that means nothing', 'a backslash itself is written \\\\']],
  [6, ['a control character (such as a tab) inside quotes', 'remove it']],
]);

/** Deeper than anything that machines need, and what the recursive parser can take. */
const depthMax = 16;

interface Token {
  readonly kind: number;
  readonly offset: number;
  readonly end: number;
  readonly text: string;
  readonly error: number;
}

/** What may come next. `first…` is the place after an opening bracket, where the closing one may follow at once. */
type State = 'value' | 'firstValue' | 'name' | 'firstName' | 'colon' | 'next' | 'end';

/** The first place where a text is not JSON, or `undefined` where it is. */
export function findJsonMistake(text: string): JsonMistake | undefined {
  const checker = new JsonChecker();
  for (const token of scanTokens(text)) {
    const mistake = checker.take(token);
    if (mistake !== undefined) return mistake;
  }
  return undefined;
}

function* scanTokens(text: string): Generator<Token> {
  const scanner = createScanner(text, false);
  for (;;) {
    const kind: number = scanner.scan();
    const offset = scanner.getTokenOffset();
    const end = offset + scanner.getTokenLength();
    if (kind === kinds.lineBreak || kind === kinds.space) continue;
    yield { kind, offset, end, text: text.slice(offset, Math.min(end, offset + 60)), error: scanner.getTokenError() };
    if (kind === kinds.end) return;
  }
}

class JsonChecker {
  /** The brackets that are open. */
  readonly #open: ('{' | '[')[] = [];
  #state: State = 'value';
  #previous: Token | undefined;

  take(token: Token): JsonMistake | undefined {
    const mistake = whyNoToken(token, this.#state, this.#previous) ?? this.#step(token);
    this.#previous = token;
    return mistake;
  }

  #step(token: Token): JsonMistake | undefined {
    if (token.kind === kinds.end) return this.#explainEnd(token);
    switch (this.#state) {
      case 'value':
      case 'firstValue':
        return this.#takeValue(token);
      case 'name':
      case 'firstName':
        return this.#takeName(token);
      case 'colon':
        if (token.kind !== kinds.colon) return mistakeAt(token, 'a colon is missing before this', pairHint);
        this.#state = 'value';
        return undefined;
      case 'next':
        return this.#takeNext(token);
      case 'end':
        return this.#explainRest(token);
    }
  }

  #takeValue(token: Token): JsonMistake | undefined {
    if (token.kind === kinds.openBrace || token.kind === kinds.openBracket) {
      this.#open.push(token.kind === kinds.openBrace ? '{' : '[');
      if (this.#open.length > depthMax) return mistakeAt(token, 'brackets within brackets, too deep', pairHint);
      this.#state = token.kind === kinds.openBrace ? 'firstName' : 'firstValue';
      return undefined;
    }
    if (token.kind === kinds.closeBracket && this.#state === 'firstValue') return this.#close();
    if (token.kind === kinds.closeBracket && this.#previous?.kind === kinds.comma) {
      return mistakeAt(this.#previous, 'a comma after the last number', 'remove this comma');
    }
    if ([kinds.comma, kinds.colon, kinds.closeBrace, kinds.closeBracket].some((kind) => kind === token.kind)) {
      return mistakeAt(token, 'a value is missing before this', pairHint);
    }
    this.#state = this.#open.length === 0 ? 'end' : 'next';
    return undefined;
  }

  #takeName(token: Token): JsonMistake | undefined {
    if (token.kind === kinds.string) {
      this.#state = 'colon';
      return undefined;
    }
    if (token.kind === kinds.closeBrace && this.#state === 'firstName') return this.#close();
    if (token.kind === kinds.closeBrace && this.#previous?.kind === kinds.comma) {
      return mistakeAt(this.#previous, 'a comma after the last entry', 'remove this comma');
    }
    if (token.kind === kinds.comma) return mistakeAt(token, 'a comma too many', 'one comma stands between two entries');
    if (token.kind === kinds.number && this.#previous?.end === token.offset) {
      return mistakeAt(this.#previous, 'a comma inside a number', 'decimal numbers use a dot: 2.5, not 2,5');
    }
    return mistakeAt(token, 'a name in double quotes is missing before this', pairHint);
  }

  #takeNext(token: Token): JsonMistake | undefined {
    const inside = this.#open.at(-1);
    if (token.kind === kinds.comma) {
      this.#state = inside === '{' ? 'name' : 'value';
      return undefined;
    }
    const closing = inside === '{' ? kinds.closeBrace : kinds.closeBracket;
    if (token.kind === closing) return this.#close();
    if (token.kind === kinds.closeBrace) return mistakeAt(token, 'the closing ] is missing before this', pairHint);
    if (token.kind === kinds.closeBracket) return mistakeAt(token, 'a ] that closes nothing', pairHint);
    if (token.kind === kinds.colon) {
      const closed = inside === '[' ? 'the closing ] is missing before this entry' : 'a colon too many';
      return mistakeAt(inside === '[' ? (this.#previous ?? token) : token, closed, pairHint);
    }
    return mistakeAt(token, 'a comma is missing before this', 'put a comma after the entry before it');
  }

  #close(): undefined {
    this.#open.pop();
    this.#state = this.#open.length === 0 ? 'end' : 'next';
    return undefined;
  }

  #explainEnd(token: Token): JsonMistake | undefined {
    if (this.#previous === undefined) return mistakeAt(token, 'the file is empty', `for example ${machinesExample}`);
    if (this.#state === 'end') return undefined;
    const at = { ...token, offset: this.#previous.end };
    if (this.#open.at(-1) === '[') return mistakeAt(at, 'the closing ] is missing', pairHint);
    return mistakeAt(at, 'the closing } is missing at the end', 'the file begins with { and ends with }');
  }

  #explainRest(token: Token): JsonMistake {
    const braces = 'the file begins with { and ends with }';
    if (this.#previous?.kind === kinds.string) return mistakeAt(this.#previous, 'the opening { is missing', braces);
    if (token.kind === kinds.closeBrace) return mistakeAt(token, 'a } too many', braces);
    return mistakeAt(token, 'nothing may follow the closing }', 'one pair of { } holds all machines');
  }
}

/** Tokens that JSON does not have at all. */
function whyNoToken(token: Token, state: State, previous: Token | undefined): JsonMistake | undefined {
  if (token.kind === kinds.lineComment || token.kind === kinds.blockComment) return noComment(token);
  if (token.kind === kinds.string && token.error !== 0) {
    const [message, hint] = stringErrors.get(token.error) ?? ['not a text', 'names stand in double quotes'];
    return mistakeAt(token, message, hint);
  }
  const glued = previous?.kind === kinds.number && previous.end === token.offset ? previous : undefined;
  if (token.kind === kinds.number) {
    if (glued !== undefined) return mistakeAt(glued, 'a number that begins with 0', 'write 8, not 08');
    if (token.error !== 0) return mistakeAt(token, `${token.text} is no complete number`, 'write 1.0, not 1.');
  }
  return token.kind === kinds.unknown ? explainWord(token, state, glued) : undefined;
}

function explainWord(token: Token, state: State, glued: Token | undefined): JsonMistake {
  const { text } = token;
  for (const [pattern, message, hint] of words) if (pattern.test(text)) return mistakeAt(token, message, hint);
  if (glued !== undefined) return mistakeAt(glued, `${glued.text}${text} is no number`, numberHint);
  if (/^[+.-]*\.?\d/.test(text)) return mistakeAt(token, `${text} is no number as JSON has them`, numberHint);
  if (state === 'name' || state === 'firstName') {
    return mistakeAt(token, `the name ${text} stands without quotes`, `write "${text.replace(/["\\]/g, '')}"`);
  }
  return mistakeAt(token, `${text} is neither a number nor a text in double quotes`, pairHint);
}

const numberHint = 'digits with a dot: 0.5, not .5, and 1, not +1';

/** What people write in place of what JSON has. */
const words: readonly (readonly [RegExp, string, string])[] = [
  [/^example_one_core_weight/, 'the template is not filled in', 'write the speed of one core, for example 1.0'],
  [/^example_cores_used/, 'the template is not filled in', 'write how many cores to use, for example 8'],
  [/^['`]/, 'single quotes', 'write names in double quotes: "lab1"'],
  [
    /^[“”„‟«»‘’‚‛]/,
    'typographic quotes',
    'write names in straight double quotes: "lab1" (a word processor changes them)',
  ],
  [/^#/, 'JSON has no comments', 'remove it'],
  [/^=/, '= where a colon belongs', 'write "lab1": [1.0, 8]'],
  [/^;/, '; where a comma belongs', 'put a comma between entries'],
  [/^\(|\)$/, 'round brackets', 'write [1.0, 8]'],
  [/^[+-]?(nan|inf|infinity)$/i, 'not a finite number', 'write a number such as 1.0'],
  [/^[+-]$/, 'a sign without digits', 'write a number such as 1.0'],
  [/^\/$/, 'a fraction', 'write it as a decimal number: 0.5, not 1/2'],
];

const noComment = (token: Token): JsonMistake => mistakeAt(token, 'JSON has no comments', 'remove it');

const pairHint = 'a machine is written "lab1": [1.0, 8]';

export const machinesExample = '{ "lab1": [1.0, 8], "lab2": [2.5, 16] }';

function mistakeAt({ offset }: Token, message: string, hint: string): JsonMistake {
  return { offset, message, hint };
}
