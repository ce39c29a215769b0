import { type Diagnostic, failed, ok, type Place, type Result } from '../core/diagnostic.ts';
import { nearestName } from '../core/nearest.ts';
import { type Config, type ConfigEntry, createConfig } from './config.ts';
import { defaultSection, type IniDocument, parseIni } from './ini.ts';
import { interpolate } from './interpolate.ts';
import { readSettings } from './read-settings.ts';
import type { Settings } from './settings.ts';
import { type Setting, settingsTable } from './settings-table.ts';

export interface ConfigSources {
  readonly file: string;
  /** `undefined`: there is no such file, all defaults hold. */
  readonly text: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `section.name=value`, from `-o`. */
  readonly overrides: readonly string[];
}

/** Where an effective value came from. */
export interface Origin {
  readonly section: string;
  readonly name: string;
  readonly value: string;
  readonly origin: string;
}

export type Section = Readonly<Record<string, string>>;

export interface ResolvedConfig {
  readonly config: Config;
  readonly settings: Settings;
  readonly warnings: readonly Diagnostic[];
  readonly origins: readonly Origin[];
  /** The user's own sections, effective values: they belong to the experiment digest. */
  readonly userSections: Readonly<Record<string, Section>>;
  /** `[random]`, values other than the defaults: so does it. */
  readonly randomSection: Section;
}

interface RawEntry {
  readonly value: string;
  readonly origin: string;
  readonly place?: Place;
}
type Raw = Map<string, Map<string, RawEntry>>;

/** Lays defaults, file, environment and flags over one another: raw options in, complete values out, once. */
export function resolveConfig(sources: ConfigSources): Result<ResolvedConfig> {
  const document = parseIni(sources.text ?? '', sources.file);
  if (!document.ok) return document;
  const raw = collectRaw(document.value);
  const warnings = layEnvironment(raw, sources.environment);
  const mistakes = layOverrides(raw, sources.overrides);
  const effective = resolveReferences(raw, mistakes);
  const inherited = new Set(raw.get(defaultSection)?.values() ?? []);
  const { settings, diagnostics } = readSettings(effective, (entry) => isFrom(inherited, entry));
  const all = [...mistakes, ...diagnostics];
  if (all.some(({ severity }) => severity === 'error')) return failed(...all, ...warnings);
  return ok({
    config: createConfig(effective),
    settings,
    warnings: [...warnings, ...diagnostics],
    origins: listOrigins(raw, effective),
    userSections: pickUserSections(effective),
    randomSection: pickRandomSection(effective),
  });
}

function isFrom(entries: ReadonlySet<RawEntry>, { place }: ConfigEntry): boolean {
  return place !== undefined && [...entries].some((entry) => entry.place === place);
}

function collectRaw(document: IniDocument): Raw {
  const raw: Raw = new Map();
  const add = (section: string, entries: IniDocument['defaults']): void => {
    raw.set(
      section,
      new Map(
        [...entries].map(([name, { value, place }]) => [name, { value, place, origin: `${place.file}:${place.line}` }]),
      ),
    );
  };
  add(defaultSection, document.defaults);
  for (const [section, entries] of document.sections) add(section, entries);
  return raw;
}

/** `JOB_SPLITTER_RUN__RETRIES`: sections are matched in any case, because names of variables are written large. */
function layEnvironment(raw: Raw, environment: ConfigSources['environment']): Diagnostic[] {
  const warnings: Diagnostic[] = [];
  for (const [variable, value] of Object.entries(environment)) {
    const match = /^JOB_SPLITTER_(.+?)__(.+)$/.exec(variable);
    if (value === undefined || match?.[1] === undefined || match[2] === undefined) continue;
    const wanted = match[1].toLowerCase();
    const section = knownSections(raw).find((name) => name.toLowerCase() === wanted);
    if (section === undefined) {
      const hint = `sections: ${knownSections(raw).join(', ')}`;
      warnings.push({ severity: 'warning', message: `${variable} names no section of runner.config`, hint });
    } else put(raw, section, match[2].toLowerCase(), { value, origin: `environment ${variable}` });
  }
  return warnings;
}

function layOverrides(raw: Raw, overrides: readonly string[]): Diagnostic[] {
  const mistakes: Diagnostic[] = [];
  for (const override of overrides) {
    const [, section, name, value] = /^([^=]+)\.([^.=]+?)\s*=(.*)$/s.exec(override) ?? [];
    if (section === undefined || name === undefined || value === undefined) {
      const message = `-o ${override}: not of the form section.name=value`;
      mistakes.push({ severity: 'error', message, hint: 'for example -o run.retries=0' });
      continue;
    }
    const known = knownSections(raw);
    const exact = known.includes(section) ? section : known.find((it) => it.toLowerCase() === section.toLowerCase());
    if (exact === undefined) {
      const near = nearestName(section, known);
      const hint = near === undefined ? `sections: ${known.join(', ')}` : `is ${near} meant?`;
      mistakes.push({ severity: 'error', message: `-o ${override}: there is no section [${section}]`, hint });
    } else put(raw, exact, name.trim().toLowerCase(), { value: value.trim(), origin: `flag -o ${section}.${name}` });
  }
  return mistakes;
}

const settingsSections = Object.values(settingsTable).map(({ section }) => section);

function knownSections(raw: Raw): string[] {
  return [...new Set([...settingsSections, ...raw.keys()])];
}

function put(raw: Raw, section: string, name: string, entry: RawEntry): void {
  const entries = raw.get(section) ?? new Map<string, RawEntry>();
  entries.set(name, entry);
  raw.set(section, entries);
}

/** Every section with `DEFAULT` flowed in and all references replaced; mistakes are added to the list. */
function resolveReferences(raw: Raw, mistakes: Diagnostic[]): Map<string, Map<string, ConfigEntry>> {
  const defaults = raw.get(defaultSection) ?? new Map<string, RawEntry>();
  const lookup = (section: string, name: string): string | undefined =>
    raw.has(section) ? (raw.get(section)?.get(name) ?? defaults.get(name))?.value : undefined;
  const effective = new Map<string, Map<string, ConfigEntry>>();
  for (const section of knownSections(raw)) {
    const own = raw.get(section) ?? new Map<string, RawEntry>();
    if (section === defaultSection || (own.size === 0 && defaults.size === 0)) continue;
    const entries = new Map<string, ConfigEntry>();
    for (const [name, { value, place, origin }] of new Map([...defaults, ...own])) {
      const result = interpolate(value, section, lookup);
      const at = place && { place };
      if (result.ok) entries.set(name, { value: result.value, ...at });
      else {
        const where = place === undefined ? ` (${origin})` : '';
        mistakes.push({ severity: 'error', message: `[${section}] ${name}${where}: ${result.problem}`, ...at });
      }
    }
    effective.set(section, entries);
  }
  return effective;
}

function listOrigins(raw: Raw, effective: ReadonlyMap<string, ReadonlyMap<string, ConfigEntry>>): Origin[] {
  const origins: Origin[] = [];
  for (const { section, settings } of Object.values(settingsTable)) {
    for (const { name, fallback } of Object.values<Setting<unknown>>(settings)) {
      if (effective.get(section)?.has(name) !== true)
        origins.push({ section, name, value: fallback, origin: 'default' });
    }
  }
  for (const [section, entries] of effective) {
    for (const [name, { value }] of entries) {
      const entry = raw.get(section)?.get(name) ?? raw.get(defaultSection)?.get(name);
      origins.push({ section, name, value, origin: entry?.origin ?? 'default' });
    }
  }
  return origins.sort((a, b) => (a.section < b.section ? -1 : a.section > b.section ? 1 : 0));
}

function pickUserSections(effective: ReadonlyMap<string, ReadonlyMap<string, ConfigEntry>>): Record<string, Section> {
  const sections: [string, Section][] = [];
  for (const [section, entries] of effective) {
    if (settingsSections.includes(section)) continue;
    sections.push([section, Object.fromEntries([...entries].map(([name, { value }]) => [name, value]))]);
  }
  return Object.fromEntries(sections);
}

/** A value that equals its default is left out: writing a default down does not make another experiment. */
function pickRandomSection(effective: ReadonlyMap<string, ReadonlyMap<string, ConfigEntry>>): Section {
  const entries = effective.get('random');
  const picked: [string, string][] = [];
  for (const { name, fallback, read } of Object.values<Setting<unknown>>(settingsTable.random.settings)) {
    const value = entries?.get(name)?.value;
    if (value === undefined) continue;
    const [own, standard] = [read(value), read(fallback)];
    if (own.ok && standard.ok && own.value !== standard.value) picked.push([name, String(own.value)]);
  }
  return Object.fromEntries(picked);
}
