import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** As Linux spells their names: 15 characters at most. Whole: `st` is one, `strace` is none. */
const terminals =
  /^(gnome-terminal-|ptyxis(-agent)?|kgx|konsole|xfce4-terminal|mate-terminal|lxterminal|qterminal|deepin-terminal|terminator|tilix|xterm|uxterm|rxvt|urxvt|st|foot|alacritty|kitty|wezterm(-gui)?|ghostty|terminology)$/;

let answer: Promise<boolean> | undefined;

/**
 * Whether this program's window closes with it: it was started by a double-click, without a shell. On macOS the Finder
 * starts a shell, whose window stays.
 */
export function hasOwnWindow(): Promise<boolean> {
  answer ??= process.stdin.isTTY && process.stderr.isTTY ? startedByWindow() : Promise.resolve(false);
  return answer;
}

async function startedByWindow(): Promise<boolean> {
  switch (process.platform) {
    case 'win32':
      return /^"explorer\.exe"/im.test(await nameOfWindowsParent());
    case 'linux':
      return terminals.test(readQuietly(`/proc/${process.ppid}/comm`).trimEnd());
    default:
      return false;
  }
}

const tasklistMs = 5_000;

/** Node does not know it; to ask takes a tenth of a second, beside the run. */
function nameOfWindowsParent(): Promise<string> {
  const words = ['/FI', `PID eq ${process.ppid}`, '/FO', 'CSV', '/NH'];
  const tasklist = `${process.env.SystemRoot ?? 'C:\\Windows'}\\System32\\tasklist.exe`;
  return new Promise((resolve) => {
    execFile(tasklist, words, { windowsHide: true, timeout: tasklistMs }, (_error, stdout) => resolve(stdout));
  });
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** What was said last stays readable until somebody has read it. */
export async function keepWindowOpen(): Promise<void> {
  if (!(await hasOwnWindow())) return;
  process.stderr.write('\nPress Enter to close this window.');
  const lines = createInterface({ input: process.stdin });
  await new Promise<void>((resolve) => lines.once('line', () => resolve()).once('close', () => resolve()));
  lines.close();
}
