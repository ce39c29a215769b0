/** What signing needs to know of an executable for macOS, and to change of it: 64 bits, one architecture. */
export interface MachO {
  readonly commandsEnd: number;
  /** Where the first section begins: so far load commands may grow. */
  readonly commandsLimit: number;
  /** File offset and size of `__TEXT`. */
  readonly text: Range;
  readonly linkEdit: Segment;
  /** Where the load command stands that names the signature, and what it names. */
  readonly signature: (Range & { readonly command: number }) | undefined;
}

export interface Range {
  readonly offset: number;
  readonly size: number;
}

/** With the place of its load command. */
export interface Segment extends Range {
  readonly command: number;
}

const [magic64, executableType] = [0xfeedfacf, 2];
const arm64 = 0x0100000c;
export const headerSize = 32;
const [segment64, codeSignature] = [0x19, 0x1d];
const [segmentSize, sectionSize] = [72, 80];

/**
 * Reads the load commands, as `mach-o/loader.h` describes them. Throws where the file is something else than an executable
 * with `__TEXT` and `__LINKEDIT`.
 */
export function readMachO(file: Buffer): MachO {
  if (file.length < headerSize || file.readUInt32LE(0) !== magic64) throw new Error('no 64-bit Mach-O file');
  if (file.readUInt32LE(12) !== executableType) throw new Error('a Mach-O file, but no executable');
  const commandsEnd = headerSize + file.readUInt32LE(20);
  let commandsLimit = file.length;
  const segments = new Map<string, Segment>();
  let signature: MachO['signature'];
  let command = headerSize;
  for (let left = file.readUInt32LE(16); left > 0; left--) {
    const size = file.readUInt32LE(command + 4);
    if (size < 8 || command + size > commandsEnd) throw new Error('a Mach-O file whose load commands are damaged');
    const type = file.readUInt32LE(command);
    if (type === segment64) {
      segments.set(nameAt(file, command + 8), segmentAt(file, command));
      commandsLimit = Math.min(commandsLimit, firstSection(file, command));
    } else if (type === codeSignature) {
      signature = { command, offset: file.readUInt32LE(command + 8), size: file.readUInt32LE(command + 12) };
    }
    command += size;
  }
  const [text, linkEdit] = [segments.get('__TEXT'), segments.get('__LINKEDIT')];
  if (text === undefined || linkEdit === undefined) throw new Error('a Mach-O file without __TEXT or __LINKEDIT');
  return { commandsEnd, commandsLimit, text, linkEdit, signature };
}

/** Adds the load command that says where the signature stands. */
export function putSignatureCommand(file: Buffer, { commandsEnd, commandsLimit, signature }: MachO, at: Range): void {
  const command = signature?.command ?? commandsEnd;
  if (signature === undefined) {
    if (commandsEnd + 16 > commandsLimit) throw new Error('a Mach-O file without room for one more load command');
    file.writeUInt32LE(file.readUInt32LE(16) + 1, 16);
    file.writeUInt32LE(commandsEnd + 16 - headerSize, 20);
  }
  file.writeUInt32LE(codeSignature, command);
  file.writeUInt32LE(16, command + 4);
  file.writeUInt32LE(at.offset, command + 8);
  file.writeUInt32LE(at.size, command + 12);
}

/** `__LINKEDIT` is the last segment: it holds the signature, to the end of the file. */
export function resizeLinkEdit(file: Buffer, { command, offset }: Segment, end: number): void {
  const size = end - offset;
  const page = file.readUInt32LE(4) === arm64 ? 0x4000 : 0x1000;
  if (number64(file, command + 32) < size) file.writeBigUInt64LE(BigInt(Math.ceil(size / page) * page), command + 32);
  file.writeBigUInt64LE(BigInt(size), command + 48);
}

function segmentAt(file: Buffer, command: number): Segment {
  return { command, offset: number64(file, command + 40), size: number64(file, command + 48) };
}

/** The lowest offset of its sections that has contents. */
function firstSection(file: Buffer, command: number): number {
  let first = Number.POSITIVE_INFINITY;
  for (let number = 0; number < file.readUInt32LE(command + 64); number++) {
    const offset = file.readUInt32LE(command + segmentSize + number * sectionSize + 48);
    if (offset > 0) first = Math.min(first, offset);
  }
  return first;
}

function nameAt(file: Buffer, offset: number): string {
  return file.toString('latin1', offset, offset + 16).replace(/\0.*$/s, '');
}

function number64(file: Buffer, offset: number): number {
  const value = Number(file.readBigUInt64LE(offset));
  if (!Number.isSafeInteger(value)) throw new Error('a Mach-O file whose load commands are damaged');
  return value;
}
