import type { Diagnostic, Place } from '../core/diagnostic.ts';
import { nearestName } from '../core/nearest.ts';
import { renderDiagnostic } from '../core/render-diagnostic.ts';
import { surely } from '../core/sure-error.ts';
import { defaultSection } from './ini.ts';
import { type Reader, readBoolean, readDuration, readFileSize, readFloat, readInt } from './readers.ts';

/** An effective value: after file, environment and flags, with its references resolved. */
export interface ConfigEntry {
  readonly value: string;
  /** `runner.config:12`, `environment NAME`, `flag -o section.name`. */
  readonly origin: string;
  /** Where the value stands, if in a file. */
  readonly place?: Place;
  /** From `[DEFAULT]`. */
  readonly inherited: boolean;
  /** Why its references lead nowhere; whoever reads it is told. `value` is then as written. */
  readonly problem?: string;
}

/** What a worker process is sent: section → option → entry. Lists of pairs, because any text may be a name. */
export type ConfigSnapshot = readonly (readonly [string, readonly (readonly [string, ConfigEntry])[]])[];

/** A value that is missing or not what the experiment asked for; says where it stands and what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(message: string) {
    super(message);
    // Settings are the same for each attempt.
    surely(this);
  }
}

/** `runner.config` as an experiment sees it: `config.getInt('model', 'sweeps')`, or plainly `config.model.sweeps`. */
export type Config = ConfigValues & { readonly [section: string]: Readonly<Record<string, string>> };

export class ConfigValues {
  readonly #sections: ReadonlyMap<string, ReadonlyMap<string, ConfigEntry>>;

  constructor(sections: ReadonlyMap<string, ReadonlyMap<string, ConfigEntry>>) {
    this.#sections = sections;
    for (const [name, entries] of sections) {
      // A section named like a method is reached by `get` alone; `__proto__` must not become a prototype.
      if (name in this) continue;
      const values: Record<string, string> = Object.create(null);
      for (const [option, entry] of entries) if (entry.problem === undefined) values[option] = entry.value;
      Object.defineProperty(this, name, { value: Object.freeze(values), enumerable: true });
    }
  }

  /** The value as text. Throws a ConfigError where there is none and no fallback is given. Names in any case. */
  get(section: string, name: string, fallback?: string): string {
    return this.#read('get', section, name, readText, fallback);
  }

  /** A whole number, as Python's `int` reads it; beyond 2^53 − 1 a ConfigError. */
  getInt(section: string, name: string, fallback?: number): number {
    return this.#read('getInt', section, name, readInt, fallback);
  }

  /** A number, as Python's `float` reads it: also `inf` and `nan`. */
  getFloat(section: string, name: string, fallback?: number): number {
    return this.#read('getFloat', section, name, readFloat, fallback);
  }

  /** yes/no, on/off, true/false, 1/0. */
  getBoolean(section: string, name: string, fallback?: boolean): boolean {
    return this.#read('getBoolean', section, name, readBoolean, fallback);
  }

  /** Bytes: `64M` = `64MiB` = 64·2^20, `64MB` = 64·10^6, `1.5G`. */
  getFileSize(section: string, name: string, fallback?: number): number {
    return this.#read('getFileSize', section, name, readFileSize, fallback);
  }

  /** Seconds: `90`, `1h30m`, `500ms`. */
  getDuration(section: string, name: string, fallback?: number): number {
    return this.#read('getDuration', section, name, readDuration, fallback);
  }

  /** Whether there is such a section (`DEFAULT` is none), or an option of that name in it (`[DEFAULT]` included). */
  has(section: string, name?: string): boolean {
    return name === undefined ? this.sections().includes(section) : this.#find(section, name) !== undefined;
  }

  /** Names of all sections but `DEFAULT`, in the order of the file. */
  sections(): readonly string[] {
    return [...this.#sections.keys()].filter((name) => name !== defaultSection);
  }

  /** Everything, to be sent to a worker. */
  snapshot(): ConfigSnapshot {
    return [...this.#sections].map(([name, entries]) => [name, [...entries]]);
  }

  #find(section: string, name: string): ConfigEntry | undefined {
    return this.#sections.get(section)?.get(name.toLowerCase());
  }

  #read<Value>(method: string, section: string, name: string, read: Reader<Value>, fallback: Value | undefined): Value {
    const entry = this.#find(section, name);
    if (entry === undefined) return fallback ?? this.#missing(method, section, name);
    if (entry.problem !== undefined) throw misfit(section, name, entry, `: ${entry.problem}`);
    const reading = read(entry.value);
    if (reading.ok) return reading.value;
    throw misfit(section, name, entry, describeMisfit(entry, reading.expected));
  }

  /** Whoever reads it may have results already, with which other settings do not go on. */
  #missing(method: string, section: string, name: string): never {
    const entries = this.#sections.get(section);
    const isSection = entries === undefined && section !== defaultSection;
    const what = isSection ? `section [${section}]` : `${name} in [${section}]`;
    const near = isSection ? nearestName(section, this.sections()) : nearestName(name, [...(entries?.keys() ?? [])]);
    // A name that is misspelt in the code must not be given a default: the setting would never be read.
    if (near !== undefined) {
      throw new ConfigError(`runner.config has no ${what}; is ${isSection ? `[${near}]` : near} meant?`);
    }
    // Whoever adds the section alone would be told of the option next.
    const lines = isSection ? `add the lines [${section}] and ${name} = ….` : `add the line ${name} = … to it.`;
    const inCode = `mend the code instead: config.${method}('${section}', '${name}', …) takes a default`;
    const later = `Once jobs are done, ${inCode}, while other settings are another experiment, which begins anew`;
    throw new ConfigError(`runner.config has no ${what}; ${lines} ${later}`);
  }
}

const readText: Reader<string> = (text) => ({ ok: true, value: text });

function misfit(section: string, name: string, entry: ConfigEntry, what: string): ConfigError {
  return new ConfigError(renderDiagnostic(diagnoseEntry(section, name, entry, what)));
}

/** ` must be a whole number, got "x"`: goes on where the option is named. */
export function describeMisfit({ value }: ConfigEntry, expected: string): string {
  const spelt = JSON.stringify(value.length > valueShownMax ? `${value.slice(0, valueShownMax)}…` : value);
  return ` must be ${expected}, got ${spelt}`;
}

const valueShownMax = 100;

/** A mistake in a value, with its line and a caret, or the flag or variable that it came from. */
export function diagnoseEntry(section: string, name: string, entry: ConfigEntry, what: string): Diagnostic {
  const message = `[${section}] ${name}${what}`;
  if (entry.place !== undefined) return { severity: 'error', message, place: entry.place };
  return { severity: 'error', message: `${entry.origin}: ${message}` };
}

export function createConfig(sections: ReadonlyMap<string, ReadonlyMap<string, ConfigEntry>>): Config {
  return new ConfigValues(sections) as Config;
}

export function configFromSnapshot(snapshot: ConfigSnapshot): Config {
  return createConfig(new Map(snapshot.map(([name, entries]) => [name, new Map(entries)])));
}
