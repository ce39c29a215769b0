import { formatCount } from '../core/format-count.ts';

/** `3 h 12 min`, `41 s`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** `0:07`, `3:07`, `2:03:07`, `1d 02:03`: as narrow as a time can be, and of a width that seldom changes. */
export function formatClock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  const minutes = two((seconds / 60) % 60);
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}:${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(seconds / 86_400)}d ${two((seconds / 3_600) % 24)}:${minutes}`;
}

/** `12/s`, `3.4/min`, `5/h`. */
export function formatRate(perSecond: number): string {
  for (const [unit, seconds] of [
    ['s', 1],
    ['min', 60],
  ] as const) {
    const rate = perSecond * seconds;
    if (rate >= 1) return `${rate >= 10 ? formatCount(Math.round(rate)) : rate.toFixed(1)}/${unit}`;
  }
  return `${(perSecond * 3_600).toPrecision(2)}/h`;
}

/** `412 MiB`, `3.3 GiB` */
export function formatBytes(bytes: number): string {
  const mebibytes = bytes / 1024 ** 2;
  return mebibytes < 1_000 ? `${Math.ceil(mebibytes)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}

/** `14:02`, or with the date when it is another day. Local time. */
export function formatTimeOfDay(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const time = `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
  if (at.toDateString() === new Date(nowMs).toDateString()) return time;
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')} ${time}`;
}

/** `2026-08-01 07:30 (UTC+02:00) = 2026-08-01T05:30:00Z`, for an instant that matters. */
export function formatInstant(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const offset = -at.getTimezoneOffset();
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const zone = `UTC${offset < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
  const left = formatDuration(atMs - nowMs);
  return `${formatTimeOfDay(atMs, nowMs)} (${zone}), ${at.toISOString().replace(/\.\d+/, '')}, in ${left}`;
}
