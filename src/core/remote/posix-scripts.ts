import { quoteSh } from './quote-sh.ts';
import type { RemoteFolder } from './remote-folder.ts';
import {
  type NamedCopy,
  type ProgramNames,
  pieceEnd,
  type RemoteScripts,
  type RemoteStart,
  scriptCodes,
} from './remote-scripts.ts';

const { noFolder, otherSize, otherContent, cannotWrite, noProgram, nothingThere } = scriptCodes;

/** Prints the system's name and the machine's, as `uname` has them. */
export const posixProbe = 'uname -s && uname -m';

/** Reads from standard input: a name cannot be taken for an option, nor its spelling for an escape. */
const hashFunction = `hash() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum
  elif command -v shasum >/dev/null 2>&1; then shasum -a 256
  else openssl dgst -sha256 -r
  fi | cut -c 1-64
}`;
const sizeFunction = 'size() { if [ -f "$1" ]; then wc -c <"$1"; else echo 0; fi; }';

/** Looks five times a second, and no longer than a minute. */
const looksMax = 300;
const lastLines = 15;

/** For Linux, macOS and whatever else has a POSIX shell. */
export function posixScripts(folder: RemoteFolder): RemoteScripts {
  const path = spellFolder(folder);
  const inFolder = (...lines: readonly string[]): string => [`cd ${path} || exit ${noFolder}`, ...lines].join('\n');
  const inRunFolder = (name: string, ...lines: readonly string[]): string =>
    inFolder(`cd ./${quoteSh(name)} 2>/dev/null || exit ${nothingThere}`, ...lines);
  return {
    survey: (files) =>
      [
        `mkdir -p ${path} || exit ${noFolder}`,
        inFolder(hashFunction, sizeFunction, 'hash </dev/null', ...files.map(surveyOf)),
      ].join('\n'),
    append: ({ part }, offset) =>
      inFolder(
        sizeFunction,
        `[ "$(size ${file(part)})" -eq ${offset} ] || exit ${otherSize}`,
        `cat >>${file(part)} || exit ${cannotWrite}`,
      ),
    settle: (copy) => inFolder(hashFunction, ...settleLines(copy)),
    tidy: (programs, keep, owner) =>
      inFolder(
        `rm -f ./.copy-*-${owner}.part`,
        'for lock in ./*/lock.json; do if [ -e "$lock" ]; then exit 0; fi; done',
        `for old in ${pattern(programs)}; do [ "$old" = ${file(keep)} ] || rm -f "$old"; done`,
      ),
    start: (start) => inFolder(...startLines(start)),
    call: ({ programs, words }) =>
      inFolder(
        `program=$(ls -t ${pattern(programs)} 2>/dev/null | head -n 1)`,
        `[ -n "$program" ] || exit ${noProgram}`,
        `"$program" ${words.map(quoteSh).join(' ')} </dev/null`,
      ),
    list: (name) =>
      inRunFolder(
        name,
        `[ -f ./journal.jsonl ] || exit ${nothingThere}`,
        'wc -c ./journal.jsonl',
        "find . -type f ! -path ./journal.jsonl -exec wc -c '{}' +",
      ),
    hashStarts: (name, starts) =>
      inRunFolder(name, hashFunction, ...starts.map((it) => `head -c ${it.bytes} ${file(it.path)} | hash`)),
    fetch: (name, pieces) =>
      inRunFolder(
        name,
        ...pieces.map(
          (it) =>
            `tail -c +${it.offset + 1} ${file(it.path)} | head -c ${it.bytes}; printf ${quoteSh(spellPrintf(pieceEnd))}`,
        ),
      ),
  };
}

function spellFolder({ isInHome, path }: RemoteFolder): string {
  return isInHome ? `"$HOME"/${quoteSh(path)}` : quoteSh(path);
}

/** A name that begins with a dash is no option. */
const file = (path: string): string => `./${quoteSh(path)}`;

/** Programs, and no other file that somebody has laid there. */
function pattern({ prefix, suffix }: ProgramNames): string {
  return `./${quoteSh(prefix)}${'[0-9a-f]'.repeat(16)}${quoteSh(suffix)}`;
}

function spellPrintf(text: string): string {
  return text.replaceAll('\n', '\\n');
}

function surveyOf({ name, part }: NamedCopy): string {
  return `if [ -f ${file(name)} ]; then hash <${file(name)}; else echo -; fi; size ${file(part)}`;
}

function settleLines({ name, part, sha256, isProgram }: NamedCopy): readonly string[] {
  return [
    `[ "$(hash <${file(part)})" = ${sha256} ] || { rm -f ${file(part)}; exit ${otherContent}; }`,
    `chmod ${isProgram ? 755 : 644} ${file(part)} && mv -f ${file(part)} ${file(name)} || exit ${cannotWrite}`,
  ];
}

/**
 * The script stays the program's parent while it looks: that is how it learns how the program ended. It goes on when the run has
 * the lock and has written how far it is, both since this start.
 */
function startLines({ program, words, log, runFolder }: RemoteStart): readonly string[] {
  return [
    `log=${file(log)} lock=${file(`${runFolder}/lock.json`)} status=${file(`${runFolder}/status.json`)}`,
    `: >>"$log" || exit ${cannotWrite}`,
    'told() { cksum 2>/dev/null <"$status"; } 2>/dev/null',
    'before=$(told)',
    'printed=$(wc -c <"$log")',
    // `call` takes the newest.
    `touch ${file(program)} || exit ${noProgram}`,
    `set -- ${[`./${program}`, ...words].map(quoteSh).join(' ')}`,
    'if command -v setsid >/dev/null 2>&1; then set -- setsid "$@"; fi',
    'nohup "$@" </dev/null >>"$log" 2>&1 &',
    'pid=$!',
    'looks=0',
    'while kill -0 "$pid" 2>/dev/null; do',
    '  if grep -q "\\"pid\\":$pid[,}]" "$lock" 2>/dev/null && [ "$(told)" != "$before" ]; then echo started; exit 0; fi',
    '  looks=$((looks + 1))',
    `  if [ "$looks" -ge ${looksMax} ]; then echo slow; exit 0; fi`,
    '  sleep 0.2 2>/dev/null || sleep 1',
    'done',
    'wait "$pid"',
    'echo "ended $?"',
    `tail -c +$((printed + 1)) "$log" | tail -n ${lastLines}`,
  ];
}
