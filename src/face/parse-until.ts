import { readDuration } from '../config/readers.ts';

export type UntilReading =
  | { readonly ok: true; readonly atMs: number }
  | { readonly ok: false; readonly problem: string };

const examples = '07:30 (the next one, local time), 2026-08-01T07:30, 2026-08-01T07:30Z or +6h';

/** What `--until` says: an instant in milliseconds since 1970, after `nowMs`. Local times go by this machine's zone. */
export function parseUntil(text: string, nowMs: number): UntilReading {
  const atMs = readInstant(text.trim(), nowMs);
  if (atMs === undefined) return { ok: false, problem: `write ${examples}` };
  return atMs > nowMs ? { ok: true, atMs } : { ok: false, problem: `that is over already; write ${examples}` };
}

function readInstant(text: string, nowMs: number): number | undefined {
  if (text.startsWith('+')) {
    const duration = readDuration(text.slice(1));
    return duration.ok ? nowMs + duration.value * 1_000 : undefined;
  }
  const clock = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (clock !== null) return nextClockTime(Number(clock[1]), Number(clock[2]), nowMs);
  const iso = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?$/.exec(text);
  if (iso === null) return undefined;
  const [, day = '', time = '', zone = ''] = iso;
  // JavaScript takes 31 February for 3 March.
  if (new Date(`${day}T00:00Z`).getUTCDate() !== Number(day.slice(8))) return undefined;
  const ms = Date.parse(`${day}T${time}${zone}`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Today or tomorrow by the calendar, so that a change to or from summer time does not shift it. */
function nextClockTime(hours: number, minutes: number, nowMs: number): number | undefined {
  if (hours > 23 || minutes > 59) return undefined;
  const now = new Date(nowMs);
  for (const days of [0, 1]) {
    const at = new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hours, minutes).getTime();
    if (at > nowMs) return at;
  }
  return undefined;
}
