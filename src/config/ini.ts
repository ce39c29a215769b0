import { type Diagnostic, failed, ok, type Place, type Result } from '../core/diagnostic.ts';

/*
 * The grammar of Python's configparser (3.11, `ConfigParser(strict=True)`): the original's files must load and mean
 * the same. The package `ini` cannot serve here: it splits section names at dots, makes lists of `a[]`, turns `true`
 * into a boolean and keeps no line numbers.
 */

export interface IniEntry {
  readonly value: string;
  readonly place: Place;
}

export interface IniDocument {
  /** Option name, in lower case → entry. */
  readonly defaults: ReadonlyMap<string, IniEntry>;
  /** In the order of the file. */
  readonly sections: ReadonlyMap<string, ReadonlyMap<string, IniEntry>>;
}

export const defaultSection = 'DEFAULT';

/** Reads an INI text; every mistake in it is reported with its line. */
export function parseIni(text: string, file: string): Result<IniDocument> {
  const reader = new IniReader(file);
  for (const line of text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) reader.readLine(line);
  return reader.finish();
}

interface OpenEntry {
  readonly lines: string[];
  readonly place: Place;
}

class IniReader {
  readonly #file: string;
  readonly #defaults = new Map<string, OpenEntry>();
  readonly #sections = new Map<string, Map<string, OpenEntry>>();
  readonly #mistakes: Diagnostic[] = [];
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
    const content = text.trim();
    if (content.startsWith('#') || content.startsWith(';')) return;
    if (content === '') this.#entry?.lines.push('');
    else this.#readContent(content);
  }

  #readContent(content: string): void {
    const indent = this.#text.search(/\S/);
    if (this.#entry !== undefined && indent > this.#indent) {
      this.#entry.lines.push(content);
      return;
    }
    this.#indent = indent;
    const header = /^\[(.+)\]/.exec(content);
    if (header?.[1] !== undefined) this.#openSection(header[1]);
    else this.#readOption(content);
  }

  #openSection(name: string): void {
    this.#entry = undefined;
    this.#sectionName = name;
    if (name === defaultSection) {
      this.#section = this.#defaults;
      return;
    }
    if (this.#sections.has(name)) this.#report(`the section [${name}] is there twice`, 'join the two into one');
    this.#section = this.#sections.get(name) ?? new Map();
    this.#sections.set(name, this.#section);
  }

  #readOption(content: string): void {
    if (this.#section === undefined) {
      this.#report('a setting before the first section', 'put a line such as [model] above it');
      return;
    }
    const [, rawName, value = ''] = /^(.*?)\s*[=:]\s*(.*)$/.exec(content) ?? [];
    if (rawName === undefined) {
      this.#report('neither a section, a setting nor a comment', 'write name = value; comments start with # or ;');
      return;
    }
    if (rawName === '') {
      this.#report('a value without a name', 'write name = value');
      return;
    }
    this.#openEntry(rawName.trim().toLowerCase(), value.trim());
  }

  #openEntry(name: string, value: string): void {
    const earlier = this.#section?.get(name);
    if (earlier !== undefined) {
      const where = `${name} is set twice in [${this.#sectionName}], first in line ${earlier.place.line}`;
      this.#report(where, 'keep one of the two');
    }
    this.#entry = { lines: [value], place: this.#here() };
    this.#section?.set(name, this.#entry);
  }

  #here(): Place {
    return { file: this.#file, line: this.#line, column: Math.max(0, this.#text.search(/\S/)) + 1, text: this.#text };
  }

  #report(message: string, hint: string): void {
    this.#mistakes.push({ severity: 'error', message, place: this.#here(), hint });
  }

  finish(): Result<IniDocument> {
    if (this.#mistakes.length > 0) return failed(...this.#mistakes);
    const sections = new Map([...this.#sections].map(([name, entries]) => [name, joinLines(entries)]));
    return ok({ defaults: joinLines(this.#defaults), sections });
  }
}

function joinLines(entries: ReadonlyMap<string, OpenEntry>): ReadonlyMap<string, IniEntry> {
  const joined = new Map<string, IniEntry>();
  for (const [name, { lines, place }] of entries) {
    joined.set(name, { value: lines.join('\n').trimEnd(), place });
  }
  return joined;
}
