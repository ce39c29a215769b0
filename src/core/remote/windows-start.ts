import { quotePowerShell as quote, quoteArgument } from './quote-windows.ts';
import type { RemoteStart } from './remote-scripts.ts';
import { inFolderThere } from './windows-folder.ts';

/** Looks five times a second, and no longer than a minute. */
const looksMax = 300;
const lastLines = 15;

/**
 * What sshd starts ends with the connection; what the system's own service starts does not. That one starts a PowerShell (the
 * keeper), which starts the program, writes down its process and at the end its exit code. Each start has files of its own, as an
 * earlier one may have its open.
 */
export function startOnWindows({ program, words, log, runFolder }: RemoteStart): readonly string[] {
  return [
    `$program = ${inFolderThere(program)}`,
    '(Get-Item -LiteralPath $program).LastWriteTime = Get-Date',
    `$base = ${inFolderThere(log.replace(/\.log$/, ''))} + '.' + (Get-Date).ToString('yyyyMMddTHHmmssfff')`,
    `$lock = ${inFolderThere(`${runFolder}/lock.json`)}; $status = ${inFolderThere(`${runFolder}/status.json`)}`,
    "function Told { if ([IO.File]::Exists($status)) { HashFile $status } else { '' } }",
    '$before = Told',
    'function Spell([string] $text) { [char] 39 + [Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($text) + [char] 39 }',
    '$keeper = "`$F = $(Spell $F); `$base = $(Spell $base); `$program = $(Spell $program)`n" + ' +
      quote(keeperOf(words)),
    "$line = 'powershell -NoProfile -NonInteractive -EncodedCommand ' + [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($keeper))",
    '$made = Invoke-CimMethod -ClassName Win32_Process -MethodName Create -Arguments @{ CommandLine = $line; CurrentDirectory = $F }',
    'if ($made.ReturnValue -ne 0) { throw "Win32_Process.Create returned $($made.ReturnValue)" }',
    ...lookLines,
  ];
}

function keeperOf(words: readonly string[]): string {
  return `try {
  $p = Start-Process -FilePath $program -ArgumentList ${quote(words.map(quoteArgument).join(' '))} -WorkingDirectory $F -WindowStyle Hidden -PassThru -RedirectStandardError "$base.log" -RedirectStandardOutput "$base.out"
  $handle = $p.Handle
  [IO.File]::WriteAllText("$base.pid", [string] $p.Id)
  $p.WaitForExit()
  [IO.File]::WriteAllText("$base.exit", [string] $p.ExitCode)
} catch {
  [IO.File]::AppendAllText("$base.log", $_.Exception.Message)
  [IO.File]::WriteAllText("$base.exit", '1')
}`;
}

const lookLines: readonly string[] = [
  `for ($looks = 0; $looks -lt ${looksMax}; $looks++) {`,
  '  if ([IO.File]::Exists("$base.exit")) {',
  '    Start-Sleep -Milliseconds 100',
  '    Emit "ended $([IO.File]::ReadAllText("$base.exit"))`n"',
  `    Get-Content -LiteralPath "$base.log" -Tail ${lastLines} -Encoding UTF8 | ForEach-Object { Emit "$_\`n" }`,
  '    return',
  '  }',
  '  if ([IO.File]::Exists("$base.pid") -and [IO.File]::Exists($lock)) {',
  '    $s = New-Object IO.StreamReader (OpenShared $lock); try { $holder = $s.ReadToEnd() } finally { $s.Dispose() }',
  `    $mine = '"pid":' + [IO.File]::ReadAllText("$base.pid") + '[,}]'`,
  '    if ($holder -match $mine -and (Told) -ne $before) { Emit "started`n"; return }',
  '  }',
  '  Start-Sleep -Milliseconds 200',
  '}',
  'Emit "slow`n"',
];
