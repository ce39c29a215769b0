import type { Diagnostic } from '../core/diagnostic.ts';
import { nearestName } from '../core/nearest.ts';
import type { ConfigEntry } from './config.ts';
import type { Settings } from './settings.ts';
import { formerSettings, type Setting, settingsTable } from './settings-table.ts';

type Entries = ReadonlyMap<string, ConfigEntry>;

export interface SettingsReading {
  readonly settings: Settings;
  /** Errors for values that do not fit, warnings for names nobody knows. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The settings that effective values give; a value that does not fit is reported and replaced by its default. */
export function readSettings(
  effective: ReadonlyMap<string, Entries>,
  isInherited: (entry: ConfigEntry) => boolean,
): SettingsReading {
  const diagnostics: Diagnostic[] = [];
  const readSection = <Key extends keyof Settings>(key: Key): Settings[Key] => {
    const { section, settings } = settingsTable[key];
    const entries = effective.get(section) ?? new Map<string, ConfigEntry>();
    const known: readonly [string, Setting<unknown>][] = Object.entries(settings);
    const names = known.map(([, { name }]) => name);
    for (const [name, entry] of entries) {
      if (!names.includes(name) && !isInherited(entry)) diagnostics.push(warnUnknown(section, name, entry, names));
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
  if (entry !== undefined) {
    const reading = setting.read(entry.value);
    if (reading.ok) return reading.value;
    const message = `[${section}] ${setting.name} must be ${reading.expected}, got ${JSON.stringify(entry.value)}`;
    diagnostics.push({ severity: 'error', message, ...(entry.place && { place: entry.place }) });
  }
  const fallback = setting.read(setting.fallback);
  if (!fallback.ok) throw new Error(`Internal error: the default of ${setting.name} does not fit`);
  return fallback.value;
}

function warnUnknown(section: string, name: string, entry: ConfigEntry, names: readonly string[]): Diagnostic {
  const place = entry.place && { place: entry.place };
  const former = formerSettings.get(`${section}.${name}`);
  if (former !== undefined) {
    return { severity: 'warning', message: `[${section}] ${name} has no meaning here: ${former}`, ...place };
  }
  const near = nearestName(name, names);
  const hint = near === undefined ? `known: ${names.join(', ')}` : `is ${near} meant?`;
  return { severity: 'warning', message: `[${section}] has no setting ${name}`, ...place, hint };
}
