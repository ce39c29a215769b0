import { type Diagnostic, failed, ok, type Place, type Result } from '../core/diagnostic.ts';
import { formatCountOf } from '../core/format-count.ts';
import { pythonIndent, stripPython, stripPythonEnd } from './python-text.ts';

/*
 * The grammar of Python's configparser (3.11, `ConfigParser(strict=True)`): the original's files must load and mean
 * the same. The package `ini` cannot serve here: it splits section names at dots, makes lists of `a[]`, turns `true`
 * into a boolean and keeps no line numbers.
 *
 * Without regular expressions, because Python's need time that grows with the square of a line.
 */

export interface IniEntry {
  readonly value: string;
  /** Where the value begins. */
  readonly place: Place;
}

export interface IniDocument {
  /** Option name, in lower case → entry. */
  readonly defaults: ReadonlyMap<string, IniEntry>;
  /** In the order of the file. */
  readonly sections: ReadonlyMap<string, ReadonlyMap<string, IniEntry>>;
  /** Where each section begins. */
  readonly headers: ReadonlyMap<string, Place>;
}

export const defaultSection = 'DEFAULT';

/** The rest is counted: a file that is no INI file has a mistake in every line. */
const mistakesMax = 20;

/** Reads an INI text; every mistake in it is reported with its line. A byte order mark is passed over. */
export function parseIni(text: string, file: string): Result<IniDocument> {
  const reader = new IniReader(file);
  for (const line of text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) reader.readLine(line);
  return reader.finish();
}

interface OpenEntry {
  readonly lines: string[];
  readonly nameLine: number;
  place: Place;
}

class IniReader {
  readonly #file: string;
  readonly #defaults = new Map<string, OpenEntry>();
  readonly #sections = new Map<string, Map<string, OpenEntry>>();
  readonly #headers = new Map<string, Place>();
  readonly #mistakes: Diagnostic[] = [];
  #mistakeCount = 0;
  #section: Map<string, OpenEntry> | undefined;
  #sectionName = '';
  #entry: OpenEntry | undefined;
  #indent = 0;
  #line = 0;
  #text = '';

  constructor(file: string) {
    this.#file = file;
  }

  readLine(text: string): void {
    this.#line++;
    this.#text = text;
    const content = stripPython(text);
    if (content.startsWith('#') || content.startsWith(';')) return;
    if (content === '') this.#entry?.lines.push('');
    else this.#readContent(content);
  }

  #readContent(content: string): void {
    const indent = pythonIndent(this.#text);
    if (this.#entry !== undefined && indent > this.#indent) {
      this.#continueValue(this.#entry, content);
      return;
    }
    this.#indent = indent;
    const end = content.startsWith('[') ? content.lastIndexOf(']') : -1;
    // A name holds at least one character, so `[]` is an option without a value; what follows the ] means nothing.
    if (end > 1) this.#openSection(content.slice(1, end));
    else this.#readOption(content);
  }

  #continueValue(entry: OpenEntry, content: string): void {
    if (entry.lines.every((line) => line === '')) entry.place = this.#here(this.#indentColumn());
    entry.lines.push(content);
  }

  #openSection(name: string): void {
    this.#entry = undefined;
    this.#sectionName = name;
    if (name === defaultSection) {
      this.#section = this.#defaults;
      return;
    }
    if (this.#sections.has(name)) {
      const first = this.#headers.get(name)?.line ?? 0;
      this.#report(`the section [${name}] is there twice, first in line ${first}`, 'join the two into one');
    }
    this.#section = this.#sections.get(name) ?? new Map();
    this.#sections.set(name, this.#section);
    this.#headers.set(name, this.#here(this.#indentColumn()));
  }

  #readOption(content: string): void {
    if (this.#section === undefined) {
      this.#report('a setting before the first section', 'put a line such as [model] above it');
      return;
    }
    const delimiter = content.search(/[=:]/);
    if (delimiter < 0) {
      const hint = content.startsWith('[')
        ? 'a section is written [name]'
        : 'write name = value; comments start with # or ;';
      this.#report('neither a section, a setting nor a comment', hint);
    } else if (delimiter === 0) this.#report('a value without a name', 'write name = value');
    else {
      const column = pythonIndent(this.#text) + delimiter + 1;
      this.#openEntry(stripPythonEnd(content.slice(0, delimiter)).toLowerCase(), column);
    }
  }

  /** `valueStart` counts from 0 and may be that of white space before the value. */
  #openEntry(name: string, valueStart: number): void {
    const earlier = this.#section?.get(name);
    if (earlier !== undefined) {
      const where = `${name} is set twice in [${this.#sectionName}], first in line ${earlier.nameLine}`;
      this.#report(where, 'keep one of the two');
    }
    const rest = this.#text.slice(valueStart);
    const value = stripPython(rest);
    const column = valueStart + (value === '' ? 0 : pythonIndent(rest)) + 1;
    this.#entry = { lines: [value], nameLine: this.#line, place: this.#here(column) };
    this.#section?.set(name, this.#entry);
  }

  #indentColumn(): number {
    return pythonIndent(this.#text) + 1;
  }

  #here(column: number): Place {
    return { file: this.#file, line: this.#line, column, text: this.#text };
  }

  #report(message: string, hint: string): void {
    if (++this.#mistakeCount > mistakesMax) return;
    this.#mistakes.push({ severity: 'error', message, place: this.#here(this.#indentColumn()), hint });
  }

  finish(): Result<IniDocument> {
    if (this.#mistakeCount > mistakesMax) {
      const more = formatCountOf(this.#mistakeCount - mistakesMax, 'more line');
      const message = `not understood: ${more} of ${this.#file}`;
      this.#mistakes.push({ severity: 'error', message });
    }
    if (this.#mistakes.length > 0) return failed(...this.#mistakes);
    const sections = new Map([...this.#sections].map(([name, entries]) => [name, joinLines(entries)]));
    return ok({ defaults: joinLines(this.#defaults), sections, headers: this.#headers });
  }
}

function joinLines(entries: ReadonlyMap<string, OpenEntry>): ReadonlyMap<string, IniEntry> {
  const joined = new Map<string, IniEntry>();
  for (const [name, { lines, place }] of entries) {
    joined.set(name, { value: stripPythonEnd(lines.join('\n')), place });
  }
  return joined;
}
