import { quotePowerShell as quote } from './quote-windows.ts';
import type { RemoteFolder } from './remote-folder.ts';
import { pieceEnd, type RemoteScripts, scriptCodes } from './remote-scripts.ts';
import { inFolderThere, inWindowsFolder, leaveWith } from './windows-folder.ts';

const { nothingThere } = scriptCodes;

/** The scripts that bring a run folder home; it is called `$R` in them. */
export function collectOnWindows(folder: RemoteFolder): Pick<RemoteScripts, 'list' | 'hashStarts' | 'fetch'> {
  const inRunFolder = (name: string, ...lines: readonly string[]): string => {
    const check = `if (-not [IO.Directory]::Exists($R)) { ${leaveWith(nothingThere)} }`;
    return inWindowsFolder(folder, `$R = ${inFolderThere(name)}`, check, ...lines);
  };
  return {
    list: (name) =>
      inRunFolder(
        name,
        "$journal = [IO.Path]::Combine($R, 'journal.jsonl')",
        `if (-not [IO.File]::Exists($journal)) { ${leaveWith(nothingThere)} }`,
        'Emit "$(SizeOf $journal) ./journal.jsonl`n"',
        'Get-ChildItem -LiteralPath $R -Recurse -File -Force | Where-Object { $_.FullName -ne $journal } | ForEach-Object {',
        "  Emit \"$($_.Length) ./$($_.FullName.Substring($R.Length + 1).Replace('\\', '/'))`n\"",
        '}',
      ),
    hashStarts: (name, starts) =>
      inRunFolder(name, ...starts.map(({ path, bytes }) => `Emit "$(HashStart ${inRun(path)} ${bytes})\`n"`)),
    fetch: (name, pieces) =>
      inRunFolder(
        name,
        ...pieces.map(
          ({ path, offset, bytes }) =>
            `$s = OpenShared ${inRun(path)}; try { [void] $s.Seek(${offset}, 'Begin'); CopyBytes $s $out ${bytes} } finally { $s.Dispose() }; Emit "${pieceEnd.replaceAll('\n', '`n')}"`,
        ),
      ),
  };
}

const inRun = (path: string): string => `([IO.Path]::Combine($R, ${quote(path)}))`;
