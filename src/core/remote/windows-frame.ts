import { encodeCommand } from './quote-windows.ts';
import type { FramedScript } from './script-command.ts';

/** The same two lines as `uname -s` and `uname -m`. */
export const windowsProbe =
  'Emit "Windows`n"; if ($env:PROCESSOR_ARCHITEW6432) { Emit $env:PROCESSOR_ARCHITEW6432 } else { Emit $env:PROCESSOR_ARCHITECTURE }';

/** Windows PowerShell 5.1 is part of Windows; the script comes over standard input, since a command line is soon too long. */
export function frameForPowerShell(script: string, token: string): FramedScript {
  const text = `${preamble}
Emit "\`n${token}\`n"
try { & {
${script}
} | Out-Null } catch { [Console]::Error.WriteLine($_.Exception.Message); $global:code = 1 }
Emit "\`n${token} $global:code\`n"
`;
  const bytes = new TextEncoder().encode(text).length;
  // Fewer bytes than announced: the connection broke, and nothing runs.
  const load = `$in = [Console]::OpenStandardInput()
$bytes = New-Object byte[] ${bytes}
$got = 0
while ($got -lt ${bytes}) { $n = $in.Read($bytes, $got, ${bytes} - $got); if ($n -le 0) { exit 255 }; $got += $n }
. ([ScriptBlock]::Create([Text.Encoding]::UTF8.GetString($bytes)))`;
  return { command: `powershell -NoProfile -NonInteractive -EncodedCommand ${encodeCommand(load)}`, text };
}

const preamble = `$ErrorActionPreference = 'Stop'
$global:code = 0
$out = [Console]::OpenStandardOutput()
function Emit([string] $text) { $b = [Text.Encoding]::UTF8.GetBytes($text); $out.Write($b, 0, $b.Length) }
function HashOf([IO.Stream] $stream) {
  $sha = [Security.Cryptography.SHA256]::Create()
  ([BitConverter]::ToString($sha.ComputeHash($stream)) -replace '-', '').ToLower()
}
function OpenShared([string] $path) { [IO.File]::Open($path, 'Open', 'Read', 'ReadWrite, Delete') }
function HashFile([string] $path) { $s = OpenShared $path; try { HashOf $s } finally { $s.Dispose() } }
function SizeOf([string] $path) { if ([IO.File]::Exists($path)) { (New-Object IO.FileInfo $path).Length } else { 0 } }
function HashStart([string] $path, [long] $left) {
  $sha = [Security.Cryptography.SHA256]::Create()
  $buffer = New-Object byte[] 262144
  $s = OpenShared $path
  try {
    while ($left -gt 0) {
      $n = $s.Read($buffer, 0, [Math]::Min($buffer.Length, $left))
      if ($n -le 0) { break }
      [void] $sha.TransformBlock($buffer, 0, $n, $null, 0)
      $left -= $n
    }
  } finally { $s.Dispose() }
  [void] $sha.TransformFinalBlock($buffer, 0, 0)
  ([BitConverter]::ToString($sha.Hash) -replace '-', '').ToLower()
}
function CopyBytes([IO.Stream] $from, [IO.Stream] $to, [long] $left) {
  $buffer = New-Object byte[] 262144
  while ($left -gt 0) {
    $n = $from.Read($buffer, 0, [Math]::Min($buffer.Length, $left))
    if ($n -le 0) { return }
    $to.Write($buffer, 0, $n)
    $left -= $n
  }
}`;
