import type { Diagnostic } from '../core/diagnostic.ts';
import { nearestName } from '../core/nearest.ts';
import { defaultSection, type IniDocument } from './ini.ts';
import { namesOfSettings, settingsSections } from './settings-table.ts';

/** A section that job-splitter does not know is the user's own, unless it looks like a misspelt one. */
export function warnOfMisspeltSections({ sections, headers }: IniDocument): Diagnostic[] {
  const warnings: Diagnostic[] = [];
  for (const [section, options] of sections) {
    const meant = settingsSections.includes(section) ? undefined : whichIsMeant(section, [...options.keys()]);
    if (meant === undefined) continue;
    const place = headers.get(section);
    const message = `[${section}] counts as a section of your own`;
    warnings.push({ severity: 'warning', message, ...(place && { place }), hint: `is [${meant}] meant?` });
  }
  return warnings;
}

function whichIsMeant(section: string, options: readonly string[]): string | undefined {
  const known = [...settingsSections, defaultSection];
  const alike = known.find((name) => fold(name) === fold(section));
  if (alike !== undefined) return alike;
  const near = nearestName(section, known);
  if (near === undefined) return undefined;
  // Short names are near to many words: [sun] is not [run], unless it sets what [run] has.
  const looksAlike = near.length > 3 || near.charAt(0) === section.charAt(0).toLowerCase();
  const settings = namesOfSettings(near);
  return looksAlike || options.some((name) => settings.includes(name)) ? near : undefined;
}

const fold = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '');
