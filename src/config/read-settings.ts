import type { Diagnostic } from '../core/diagnostic.ts';
import { nearestName } from '../core/nearest.ts';
import { type ConfigEntry, describeMisfit, diagnoseEntry } from './config.ts';
import type { Effective } from './references.ts';
import type { Settings } from './settings.ts';
import { formerSettings, namesOfSettings, type Setting, settingsSections, settingsTable } from './settings-table.ts';

type Entries = ReadonlyMap<string, ConfigEntry>;

export interface SettingsReading {
  readonly settings: Settings;
  /** Errors for values that do not fit, warnings for names nobody knows. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The settings that effective values give; a value that does not fit is reported and replaced by its default. */
export function readSettings(effective: Effective): SettingsReading {
  const diagnostics: Diagnostic[] = [];
  const readSection = <Key extends keyof Settings>(key: Key): Settings[Key] => {
    const { section, settings } = settingsTable[key];
    const entries = effective.get(section) ?? new Map<string, ConfigEntry>();
    const known: readonly [string, Setting<unknown>][] = Object.entries(settings);
    const names = known.map(([, { name }]) => name);
    for (const [name, entry] of entries) {
      if (!names.includes(name) && !entry.inherited) diagnostics.push(reportUnknown(section, name, entry, names));
    }
    const values = known.map(([field, setting]) => [field, readSetting(section, setting, entries, diagnostics)]);
    return Object.fromEntries(values);
  };
  const settings: Settings = {
    progressPool: readSection('progressPool'),
    logging: readSection('logging'),
    results: readSection('results'),
    run: readSection('run'),
    random: readSection('random'),
  };
  return { settings, diagnostics };
}

function readSetting(section: string, setting: Setting<unknown>, entries: Entries, diagnostics: Diagnostic[]): unknown {
  const entry = entries.get(setting.name);
  if (entry !== undefined && entry.problem === undefined) {
    const reading = setting.read(entry.value);
    if (reading.ok) return reading.value;
    diagnostics.push(diagnoseEntry(section, setting.name, entry, describeMisfit(entry, reading.expected)));
  }
  const fallback = setting.read(setting.fallback);
  if (!fallback.ok) throw new Error(`Internal error: the default of ${setting.name} does not fit`);
  return fallback.value;
}

/** A warning for the file, which other versions may read; a flag was typed for this run and must have an effect. */
function reportUnknown(section: string, name: string, entry: ConfigEntry, names: readonly string[]): Diagnostic {
  const former = formerSettings.get(`${section}.${name}`);
  const what = former === undefined ? ' is no setting' : ` has no meaning here: ${former}`;
  const diagnostic = diagnoseEntry(section, name, entry, what);
  const severity = former === undefined && entry.origin.startsWith('flag ') ? 'error' : 'warning';
  if (former !== undefined) return { ...diagnostic, severity };
  return { ...diagnostic, severity, hint: whereNameBelongs(name, names) };
}

function whereNameBelongs(name: string, names: readonly string[]): string {
  const near = nearestName(name, names);
  if (near !== undefined) return `is ${near} meant?`;
  const elsewhere = settingsSections.filter((section) => namesOfSettings(section).includes(name));
  if (elsewhere.length > 0) return `it belongs to ${elsewhere.map((section) => `[${section}]`).join(' or ')}`;
  return `known: ${names.join(', ')}`;
}
