import type { Effective } from './references.ts';
import { namesOfSettings, type Setting, settingsSections, settingsTable } from './settings-table.ts';

/** Where an effective value came from. */
export interface Origin {
  readonly section: string;
  readonly name: string;
  readonly value: string;
  /** `default`, `runner.config:12`, `runner.config:3 ([DEFAULT])`, `environment NAME`, `flag -o section.name`. */
  readonly origin: string;
}

/** All settings in the order of their table, each followed by what else stands in its section; then the user's sections. */
export function listOrigins(effective: Effective): readonly Origin[] {
  const origins: Origin[] = [];
  for (const { section, settings } of Object.values(settingsTable)) {
    const entries = effective.get(section);
    for (const { name, fallback } of Object.values<Setting<unknown>>(settings)) {
      const entry = entries?.get(name);
      origins.push({ section, name, value: entry?.value ?? fallback, origin: entry?.origin ?? 'default' });
    }
    origins.push(...listEntries(effective, section, (name, inherited) => !inherited && !isSetting(section, name)));
  }
  for (const section of effective.keys()) {
    if (!settingsSections.includes(section)) origins.push(...listEntries(effective, section, () => true));
  }
  return origins;
}

const isSetting = (section: string, name: string): boolean => namesOfSettings(section).includes(name);

function listEntries(
  effective: Effective,
  section: string,
  wanted: (name: string, inherited: boolean) => boolean,
): Origin[] {
  const origins: Origin[] = [];
  for (const [name, { value, origin, inherited, problem }] of effective.get(section) ?? []) {
    if (problem === undefined && wanted(name, inherited)) origins.push({ section, name, value, origin });
  }
  return origins;
}
