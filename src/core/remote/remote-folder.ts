import { type Diagnostic, failed, ok, type Result } from '../diagnostic.ts';

/** A folder on another machine: below the home folder there, or anywhere (`/scratch/me`, `D:/runs`). */
export interface RemoteFolder {
  readonly isInHome: boolean;
  /** Relative to the home folder, or absolute. */
  readonly path: string;
}

/** What `--remote-folder` says: `~/runs/mine`, `runs/mine` (the same), `/scratch/mine`. */
export function parseRemoteFolder(text: string): Result<RemoteFolder> {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\u0000-\u001f\u007f]/.test(text)) return failed(mistake(text, 'it has a control character in it'));
  if (/^(?:\/|[A-Za-z]:[/\\])/.test(text)) return ok({ isInHome: false, path: text });
  const path = text.replace(/^~(?:\/+|$)/, '');
  if (path.startsWith('~')) return failed(mistake(text, 'home folders of others cannot be named by ~'));
  if (path === '') return failed(mistake(text, 'the home folder itself is no place for a run'));
  return ok({ isInHome: true, path });
}

/** As people read it. */
export function formatRemoteFolder({ isInHome, path }: RemoteFolder): string {
  return isInHome ? `~/${path}` : path;
}

function mistake(text: string, why: string): Diagnostic {
  const message = `--remote-folder ${JSON.stringify(text)}: ${why}`;
  return { severity: 'error', message, hint: 'for example ~/job-splitter/my_experiment' };
}
