import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import { type Config, type ConfigEntry, createConfig, diagnoseEntry } from './config.ts';
import { pickRandomSection, pickUserSections, type Section } from './digested.ts';
import { findBadCharacter, findUtf16 } from './encoding.ts';
import { type Environment, layEnvironment } from './environment.ts';
import { defaultSection, type IniDocument, parseIni } from './ini.ts';
import { type Layers, layersOf } from './layers.ts';
import { listOrigins, type Origin } from './origins.ts';
import { layOverrides } from './overrides.ts';
import { readSettings } from './read-settings.ts';
import { type Effective, resolveReferences } from './references.ts';
import { warnOfMisspeltSections } from './section-warnings.ts';
import type { Settings } from './settings.ts';
import { namesOfSettings, settingsSections } from './settings-table.ts';

export interface ConfigSources {
  readonly file: string;
  /** `undefined`: there is no such file, all defaults hold. */
  readonly text: string | undefined;
  readonly environment: Environment;
  /** `section.name=value`, from `-o`. */
  readonly overrides: readonly string[];
}

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

/** Lays defaults, file, environment and flags over one another: raw options in, complete values out, once. */
export function resolveConfig(sources: ConfigSources): Result<ResolvedConfig> {
  const document = readDocument(sources);
  if (!document.ok) return document;
  const layers = layersOf(document.value);
  const diagnostics = [...warnOfText(sources, document.value), ...layEnvironment(layers, sources.environment)];
  diagnostics.push(...layOverrides(layers, sources.overrides));
  const effective = resolveReferences(layers);
  const { settings, diagnostics: more } = readSettings(effective);
  diagnostics.push(...findBadReferences(effective), ...more);
  const bySeverity = (wanted: Diagnostic['severity']): Diagnostic[] =>
    diagnostics.filter(({ severity }) => severity === wanted);
  const [errors, warnings] = [bySeverity('error'), bySeverity('warning')];
  if (errors.length > 0) return failed(...errors.slice(0, errorsMax), ...warnings.slice(0, errorsMax));
  return ok({
    config: createConfig(pickVisible(layers, effective)),
    settings,
    warnings: warnings.slice(0, warningsMax),
    origins: listOrigins(effective),
    userSections: pickUserSections(effective),
    randomSection: pickRandomSection(effective),
  });
}

const errorsMax = 20;
const warningsMax = 50;

/** Every section holds a copy of `[DEFAULT]`; more than this only serves to fill the memory. */
const inheritedMax = 1_000_000;

function readDocument({ text = '', file }: ConfigSources): Result<IniDocument> {
  const utf16 = findUtf16(text, file);
  if (utf16 !== undefined) return failed(utf16);
  const document = parseIni(text, file);
  if (!document.ok) return document;
  const { defaults, sections } = document.value;
  if (defaults.size * sections.size <= inheritedMax) return document;
  const message = `${file} has ${defaults.size} values in [DEFAULT] for ${sections.size} sections: too many`;
  return failed({ severity: 'error', message });
}

function warnOfText({ text = '', file }: ConfigSources, document: IniDocument): Diagnostic[] {
  const bad = findBadCharacter(text, file);
  return [
    ...(bad === undefined ? [] : [{ ...bad, severity: 'warning' as const }]),
    ...warnOfMisspeltSections(document),
  ];
}

/** Of values that stand in their section, or that are settings; those of `[DEFAULT]` are reported when they are read. */
function findBadReferences(effective: Effective): Diagnostic[] {
  const mistakes: Diagnostic[] = [];
  for (const [section, entries] of effective) {
    if (section === defaultSection) continue;
    const settings = namesOfSettings(section);
    for (const [name, entry] of entries) {
      if (entry.problem === undefined || (entry.inherited && !settings.includes(name))) continue;
      mistakes.push(diagnoseEntry(section, name, entry, `: ${entry.problem}`));
    }
  }
  return mistakes;
}

/** What jobs see: the sections of the file, in its order, and of those of the settings whatever somebody has set. */
function pickVisible(layers: Layers, effective: Effective): ReadonlyMap<string, ReadonlyMap<string, ConfigEntry>> {
  return new Map([...effective].filter(([section]) => layers.has(section) || !settingsSections.includes(section)));
}
