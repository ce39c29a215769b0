import type { Effective } from './references.ts';
import { type Setting, settingsSections, settingsTable } from './settings-table.ts';

export type Section = Readonly<Record<string, string>>;

/** The user's own sections, with what they inherit: they belong to the experiment digest. */
export function pickUserSections(effective: Effective): Readonly<Record<string, Section>> {
  const sections: [string, Section][] = [];
  for (const [section, entries] of effective) {
    if (settingsSections.includes(section)) continue;
    const readable = [...entries].filter(([, { problem }]) => problem === undefined);
    sections.push([section, Object.fromEntries(readable.map(([name, { value }]) => [name, value]))]);
  }
  return Object.fromEntries(sections);
}

/** `[random]`: so does it. A value that equals its default is left out: writing it down makes no other experiment. */
export function pickRandomSection(effective: Effective): Section {
  const entries = effective.get(settingsTable.random.section);
  const picked: [string, string][] = [];
  for (const { name, fallback, read } of Object.values<Setting<unknown>>(settingsTable.random.settings)) {
    const value = entries?.get(name)?.value;
    if (value === undefined) continue;
    const [own, standard] = [read(value), read(fallback)];
    if (own.ok && standard.ok && own.value !== standard.value) picked.push([name, String(own.value)]);
  }
  return Object.fromEntries(picked);
}
