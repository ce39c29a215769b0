import { quotePowerShell as quote, quoteArgument } from './quote-windows.ts';
import type { RemoteFolder } from './remote-folder.ts';
import { type NamedCopy, type ProgramNames, type RemoteScripts, scriptCodes } from './remote-scripts.ts';
import { collectOnWindows } from './windows-collect.ts';
import { inFolderThere as at, enterWindowsFolder, inWindowsFolder, leaveWith as leave } from './windows-folder.ts';
import { startOnWindows } from './windows-start.ts';

const { otherSize, otherContent, noProgram } = scriptCodes;

/** For Windows without a POSIX shell. Nothing here has been tried on a real one yet: docs/SSH.md. */
export function windowsScripts(folder: RemoteFolder): RemoteScripts {
  const inFolder = (...lines: readonly string[]): string => inWindowsFolder(folder, ...lines);
  return {
    survey: (files) =>
      [
        enterWindowsFolder(folder),
        '[void] [IO.Directory]::CreateDirectory($F)',
        'Emit "$(HashOf (New-Object IO.MemoryStream))`n"',
        ...files.map(surveyOf),
      ].join('\n'),
    append: ({ part }, offset) =>
      inFolder(
        `if ((SizeOf ${at(part)}) -ne ${offset}) { ${leave(otherSize)} }`,
        `$file = [IO.File]::Open(${at(part)}, 'Append')`,
        'try { $in.CopyTo($file, 262144) } finally { $file.Dispose() }',
      ),
    settle: ({ name, part, sha256 }) =>
      inFolder(
        `if ((HashFile ${at(part)}) -ne '${sha256}') { [IO.File]::Delete(${at(part)}); ${leave(otherContent)} }`,
        `if ([IO.File]::Exists(${at(name)})) { [IO.File]::Replace(${at(part)}, ${at(name)}, [NullString]::Value) }`,
        `else { [IO.File]::Move(${at(part)}, ${at(name)}) }`,
      ),
    tidy: (programs, keep, owner) =>
      inFolder(
        `Get-ChildItem -LiteralPath $F -File -Force -Filter '.copy-*-${owner}.part' | Remove-Item -Force`,
        "foreach ($run in Get-ChildItem -LiteralPath $F -Directory) { if ([IO.File]::Exists([IO.Path]::Combine($run.FullName, 'lock.json'))) { return } }",
        `${findPrograms(programs)} | Where-Object { $_.Name -ne ${quote(keep)} } | Remove-Item -Force -ErrorAction SilentlyContinue`,
      ),
    start: (start) => inFolder(...startOnWindows(start)),
    call: ({ programs, words }) =>
      inFolder(
        `$program = ${findPrograms(programs)} | Sort-Object LastWriteTime -Descending | Select-Object -First 1`,
        `if (-not $program) { ${leave(noProgram)} }`,
        '$how = New-Object Diagnostics.ProcessStartInfo',
        `$how.FileName = $program.FullName; $how.Arguments = ${quote(words.map(quoteArgument).join(' '))}`,
        '$how.WorkingDirectory = $F; $how.UseShellExecute = $false',
        '$p = [Diagnostics.Process]::Start($how); $p.WaitForExit(); $global:code = $p.ExitCode',
      ),
    ...collectOnWindows(folder),
  };
}

function findPrograms({ prefix, suffix }: ProgramNames): string {
  const middle = `$_.Name.Substring(${prefix.length}, [Math]::Max(0, $_.Name.Length - ${prefix.length + suffix.length})) -cmatch '^[0-9a-f]{16}$'`;
  return `Get-ChildItem -LiteralPath $F -File | Where-Object { $_.Name.StartsWith(${quote(prefix)}) -and $_.Name.EndsWith(${quote(suffix)}) -and ${middle} }`;
}

function surveyOf({ name, part }: NamedCopy): string {
  return `if ([IO.File]::Exists(${at(name)})) { Emit "$(HashFile ${at(name)})\`n" } else { Emit "-\`n" }; Emit "$(SizeOf ${at(part)})\`n"`;
}
