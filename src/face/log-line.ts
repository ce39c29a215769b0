import { type LogLine, nameOfLevel } from '../core/log-line.ts';

const jobsShown = 5;

/** What a line says, without its time and place: `warn half of it is missing  rows=12`; unescaped. */
export function spellLogLine({ level, message, rest, jobs }: LogLine): string {
  const { type, jobs: _, stack, ...others } = rest;
  const named = typeof type === 'string' && type !== 'job-output' ? type : '';
  const list =
    jobs.length > 1 ? `jobs=${jobs.slice(0, jobsShown).join(',')}${jobs.length > jobsShown ? ',…' : ''}` : '';
  const pairs = Object.entries(others)
    .filter(([name]) => name !== 'stream')
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return [nameOfLevel(level).padEnd(5), named, message, list, ...pairs, typeof stack === 'string' ? stack : '']
    .filter((part) => part !== '')
    .join(' ');
}
