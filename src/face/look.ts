import { styleText } from 'node:util';
import isUnicodeSupported from 'is-unicode-supported';

/** What a terminal can show. */
export interface Look {
  readonly hasColour: boolean;
  readonly hasUnicode: boolean;
}

type Colour = 'cyan' | 'green' | 'red' | 'dim';

type Environment = Readonly<Record<string, string | undefined>>;

export function lookOf(stream: NodeJS.WriteStream, environment: Environment): Look {
  return { hasColour: stream.hasColors?.(environment) === true, hasUnicode: hasUnicode(environment) };
}

/**
 * Not where the system's language is set to another encoding, nor where characters of lines and blocks may be two columns
 * wide (terminals set to Chinese, Japanese, Korean): lines would wrap.
 */
function hasUnicode(environment: Environment): boolean {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
  if (locale !== '' && !/utf-?8/i.test(locale)) return false;
  // Windows says it nowhere else; to ask for it takes 20 ms.
  const language =
    locale === '' && process.platform === 'win32' ? new Intl.DateTimeFormat().resolvedOptions().locale : locale;
  return isUnicodeSupported() && !/^(zh|ja|ko)(?![a-z])/.test(language);
}

export function paint({ hasColour }: Look, colour: Colour, text: string): string {
  return hasColour && text !== '' ? styleText(colour, text, { validateStream: false }) : text;
}

/** Parts of a block, from an eighth to the whole. */
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** `fraction` from 0 to 1; takes `width` columns, more than 2. */
export function spellBar({ hasUnicode, hasColour }: Look, fraction: number, width: number, colour: Colour): string {
  const part = Math.min(1, Math.max(0, fraction));
  const look = { hasColour, hasUnicode };
  if (!hasUnicode) {
    const full = Math.floor(part * (width - 2));
    return `[${paint(look, colour, '#'.repeat(full))}${'-'.repeat(width - 2 - full)}]`;
  }
  const filled = Math.floor(part * width * 8);
  const [whole, rest] = ['█'.repeat(filled >> 3), eighths[filled & 7] ?? ''];
  const empty = '░'.repeat(width - whole.length - rest.length);
  return paint(look, colour, whole + rest) + paint(look, 'dim', empty);
}

/** Stands for what was cut off. */
export function moreMark({ hasUnicode }: Look): string {
  return hasUnicode ? '…' : '~';
}
