import { quotePowerShell as quote } from './quote-windows.ts';
import type { RemoteFolder } from './remote-folder.ts';
import { scriptCodes } from './remote-scripts.ts';

/** Ends a script with a code. */
export const leaveWith = (code: number): string => `$global:code = ${code}; return`;

/** The folder is called `$F` in these scripts. */
export const enterWindowsFolder = (folder: RemoteFolder): string => `$F = ${spellFolder(folder)}`;

export function inWindowsFolder(folder: RemoteFolder, ...lines: readonly string[]): string {
  const check = `if (-not [IO.Directory]::Exists($F)) { ${leaveWith(scriptCodes.noFolder)} }`;
  return [enterWindowsFolder(folder), check, ...lines].join('\n');
}

/** A path in the folder. */
export const inFolderThere = (name: string): string => `([IO.Path]::Combine($F, ${quote(name)}))`;

function spellFolder({ isInHome, path }: RemoteFolder): string {
  return isInHome
    ? `[IO.Path]::GetFullPath([IO.Path]::Combine($HOME, ${quote(path)}))`
    : `[IO.Path]::GetFullPath(${quote(path)})`;
}
