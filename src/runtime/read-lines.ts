import type { Readable, Writable } from 'node:stream';
import { LineSplitter, type OnLine } from './line-splitter.ts';

/** Hands out what a child process writes, as it comes. */
export function readChunks(stream: Readable | Writable | null | undefined, onChunk: (chunk: Buffer) => void): void {
  stream?.on('data', onChunk);
  stream?.on('error', () => undefined);
}

/** Hands out what a child process writes, line by line. */
export function readLines(stream: Readable | Writable | null | undefined, onLine: OnLine): void {
  if (stream === null || stream === undefined || !('setEncoding' in stream)) return;
  const splitter = new LineSplitter(onLine);
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => splitter.add(text));
  stream.on('end', () => splitter.end());
  stream.on('error', () => undefined);
}
