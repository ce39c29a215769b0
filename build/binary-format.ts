import { closeSync, openSync, readSync } from 'node:fs';

const headBytes = 4096;

/** ELF `e_machine`, PE `Machine`, Mach-O `cputype`, of the two processors there are targets for. */
const machines: Readonly<Record<string, ReadonlyMap<number, string>>> = {
  linux: new Map([
    [62, 'x64'],
    [183, 'arm64'],
  ]),
  win: new Map([
    [0x8664, 'x64'],
    [0xaa64, 'arm64'],
  ]),
  macos: new Map([
    [0x01000007, 'x64'],
    [0x0100000c, 'arm64'],
  ]),
};

/**
 * For which targets a file of machine code is, by its first bytes: several for a universal file of macOS, none for other
 * systems and processors; `undefined` for anything else than machine code.
 */
export function targetsOfBinary(path: string): readonly string[] | undefined {
  return targetsOfHead(headOf(path));
}

export function targetsOfHead(head: Buffer): readonly string[] | undefined {
  if (head.length < 64) return undefined;
  if (head.toString('latin1', 0, 4) === '\x7fELF') return targetFor('linux', head.readUInt16LE(18));
  if (head.toString('latin1', 0, 2) === 'MZ') return peTargets(head, head.readUInt32LE(60));
  if (head.readUInt32LE(0) === 0xfeedfacf) return targetFor('macos', head.readUInt32LE(4));
  if (head.readUInt32BE(0) === 0xcafebabe) return universalTargets(head);
  return undefined;
}

function peTargets(head: Buffer, at: number): readonly string[] | undefined {
  if (at + 6 > head.length || head.toString('latin1', at, at + 4) !== 'PE\0\0') return undefined;
  return targetFor('win', head.readUInt16LE(at + 4));
}

/** A class file of Java begins alike, with its version where the number of architectures stands: never below 45. */
function universalTargets(head: Buffer): readonly string[] | undefined {
  const count = head.readUInt32BE(4);
  if (count > 30) return undefined;
  const found: string[] = [];
  for (let number = 0; number < count && 12 + 20 * number <= head.length; number++)
    found.push(...targetFor('macos', head.readUInt32BE(8 + 20 * number)));
  return found;
}

function targetFor(system: string, machine: number): readonly string[] {
  const processor = machines[system]?.get(machine);
  return processor === undefined ? [] : [`${system}-${processor}`];
}

function headOf(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(headBytes);
    return head.subarray(0, readSync(file, head, 0, headBytes, 0));
  } finally {
    closeSync(file);
  }
}
