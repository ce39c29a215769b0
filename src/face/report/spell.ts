/** How numbers stand on the page and on the axes of its plots. Also runs in the browser. */

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];

/** `250 µs`, `12.5 ms`, `3.2 s`, `4 min 10 s`, `3 h 12 min`, `2 d 3 h`. */
export function spellSpan(ms: number): string {
  if (ms === 0) return '0 s';
  if (ms < 0.9995) return `${trim(ms * 1_000)} µs`;
  if (ms < 999.5) return `${trim(ms)} ms`;
  if (ms < 59.95 * second) return `${trim(ms / second)} s`;
  if (ms < hour - second / 2) return twoUnits(ms, minute, 'min', second, 's');
  if (ms < day - minute / 2) return twoUnits(ms, hour, 'h', minute, 'min');
  return twoUnits(ms, day, 'd', hour, 'h');
}

/** Three digits at most. */
const trim = (value: number): string => String(Number(value.toPrecision(3)));

function twoUnits(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const smalls = Math.round(ms / small);
  const perLarge = large / small;
  const rest = smalls % perLarge;
  const head = `${spellCount(Math.floor(smalls / perLarge))} ${largeName}`;
  return rest === 0 ? head : `${head} ${rest} ${smallName}`;
}

/** `1,204` */
export function spellCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `2026-11-25 04:13:19`, in UTC; a damaged journal may hold times that no date can be made of. */
export function spellTime(ms: number): string {
  if (!(Math.abs(ms) <= 8.64e15)) return '–';
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/** `12.5 %`; what is not nothing does not look like nothing. */
export function spellPart(part: number): string {
  const percent = 100 * part;
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  return `${percent >= 99.95 || percent === 0 ? Math.round(percent) : percent.toFixed(1)} %`;
}

/** Three digits: `1.83`. */
export function spellNumber(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-US', { maximumSignificantDigits: 3 });
}
