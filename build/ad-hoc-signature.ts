import { createHash } from 'node:crypto';
import { putSignatureCommand, type Range, readMachO, resizeLinkEdit } from './mach-o.ts';

const [superBlobMagic, codeDirectoryMagic] = [0xfade0cc0, 0xfade0c02];
/** A super blob of one: its head, one entry of its index, filled up to a multiple of eight. */
const superBlobSize = 24;
const codeDirectorySize = 88;
/** With the fields of the executable segment. */
const version = 0x20400;
/** `CS_ADHOC | CS_LINKER_SIGNED`: whoever signs it later may replace the signature. */
const flags = 0x20002;
const [sha256, hashSize] = [2, 32];
const [pageBits, pageSize] = [12, 4096];
const mainBinary = 1n;

/**
 * Signs an executable for macOS without an identity, as linkers do: Apple silicon runs nothing that is not signed, and
 * injecting code breaks the signature that was there. Returns the file with its signature behind it.
 *
 * One code directory over hashes of pages, as lld (`CodeSignatureSection`) and Go's linker write it; the structures are in
 * XNU's `cs_blobs.h`. Unlike the file around it, a signature is big-endian.
 */
export function signAdHoc(unsigned: Buffer, identifier: string): Buffer {
  const found = readMachO(unsigned);
  const codeLimit = align(found.signature?.offset ?? found.linkEdit.offset + found.linkEdit.size, 16);
  const head = align(superBlobSize + codeDirectorySize + Buffer.byteLength(identifier) + 1, 16);
  const pages = Math.ceil(codeLimit / pageSize);
  const size = head + pages * hashSize;
  if (codeLimit + size >= 2 ** 32) throw new Error('too large to be signed: 4 GiB at most');
  const file = Buffer.alloc(codeLimit + size);
  unsigned.copy(file, 0, 0, codeLimit);
  putSignatureCommand(file, found, { offset: codeLimit, size });
  resizeLinkEdit(file, found.linkEdit, file.length);
  const signature = file.subarray(codeLimit);
  putHead(signature, { identifier, hashOffset: head - superBlobSize, pages, codeLimit, text: found.text });
  // Only now: the first page holds what was changed above.
  for (let page = 0; page < pages; page++) hashOfPage(file, page, codeLimit).copy(signature, head + page * hashSize);
  return file;
}

/** What is wrong with an ad hoc signature; `undefined`: the system that checks each page as it is loaded finds it good. */
export function findSignatureProblem(file: Buffer): string | undefined {
  const { signature, linkEdit, text } = readMachO(file);
  if (signature === undefined) return 'it is not signed';
  const end = signature.offset + signature.size;
  if (end !== file.length || linkEdit.offset + linkEdit.size !== end) return 'the signature is not at its end';
  const blob = file.subarray(signature.offset, end);
  if (blob.readUInt32BE(0) !== superBlobMagic || blob.readUInt32BE(4) > blob.length) return 'the signature is damaged';
  if (blob.readUInt32BE(8) < 1 || blob.readUInt32BE(12) !== 0) return 'the signature has no code directory';
  const directory = blob.subarray(blob.readUInt32BE(16));
  if (directory.readUInt32BE(0) !== codeDirectoryMagic) return 'the signature has no code directory';
  if (directory.readUInt32BE(32) !== signature.offset) return 'the signature does not cover all that is before it';
  if (directory[36] !== hashSize || directory[37] !== sha256 || directory[39] !== pageBits) return 'other hashes';
  if (Number(directory.readBigUInt64BE(72)) !== text.size) return 'the executable segment is another one';
  const pages = directory.readUInt32BE(28);
  if (pages !== Math.ceil(signature.offset / pageSize)) return 'it has another number of pages';
  const hashes = directory.readUInt32BE(16);
  for (let page = 0; page < pages; page++) {
    const at = hashes + page * hashSize;
    if (!hashOfPage(file, page, signature.offset).equals(directory.subarray(at, at + hashSize)))
      return `page ${page} has been changed`;
  }
  return undefined;
}

interface Head {
  readonly identifier: string;
  /** From the code directory's beginning. */
  readonly hashOffset: number;
  readonly pages: number;
  readonly codeLimit: number;
  readonly text: Range;
}

function putHead(signature: Buffer, { identifier, hashOffset, pages, codeLimit, text }: Head): void {
  const indexOfOne = [1, 0, superBlobSize];
  for (const [at, value] of [superBlobMagic, signature.length, ...indexOfOne].entries())
    signature.writeUInt32BE(value, 4 * at);
  const directory = signature.subarray(superBlobSize);
  const specialSlots = 0;
  const fields = [codeDirectoryMagic, directory.length, version, flags, hashOffset, codeDirectorySize, specialSlots];
  for (const [at, value] of [...fields, pages, codeLimit].entries()) directory.writeUInt32BE(value, 4 * at);
  directory.set([hashSize, sha256, 0, pageBits], 36);
  directory.writeBigUInt64BE(BigInt(text.offset), 64);
  directory.writeBigUInt64BE(BigInt(text.size), 72);
  directory.writeBigUInt64BE(mainBinary, 80);
  directory.write(identifier, codeDirectorySize);
}

function hashOfPage(file: Buffer, page: number, codeLimit: number): Buffer {
  const from = page * pageSize;
  return createHash('sha256')
    .update(file.subarray(from, Math.min(from + pageSize, codeLimit)))
    .digest();
}

const align = (offset: number, to: number): number => Math.ceil(offset / to) * to;
