import { escapeText } from '../core/escape-text.ts';

/**
 * What code in this process prints goes to stderr, a line at a time harmless for a terminal: stdout is for data. Returns
 * what ends that.
 */
export function divertOutput(): () => void {
  const write = process.stderr.write.bind(process.stderr);
  const restores = [process.stdout, process.stderr].map((stream) => {
    const own = stream.write;
    stream.write = ((data: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
      const text = typeof data === 'string' ? data : Buffer.from(data).toString('utf8');
      const done = rest.find((one) => typeof one === 'function') as ((error?: Error | null) => void) | undefined;
      return write(text.split('\n').map(escapeText).join('\n'), done);
    }) as typeof own;
    return (): void => {
      stream.write = own;
    };
  });
  return () => {
    for (const restore of restores) restore();
  };
}
