import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { codeOf } from '../files.ts';

/** How a process of ssh ended. */
export interface SshEnd {
  /** `undefined`: it was killed, or never began. */
  readonly code: number | undefined;
  /** The end of what it said on stderr, with what the other side said there. */
  readonly said: string;
  /** There is no ssh here; it was silent for too long. */
  readonly trouble: 'no-ssh' | 'silent' | undefined;
}

const saidMax = 8_000;
/** A connection that the user's ssh keeps in the background may hold our pipes: they are not waited for longer. */
const pipesMs = 1_000;

/**
 * One process of the system's own ssh, found on the PATH, without a shell in between. It is killed when nothing has moved, in
 * either direction, for `silentMs`.
 */
export class SshProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<SshEnd>;
  #said = '';
  #movedAtMs = performance.now();
  #trouble: SshEnd['trouble'];
  #thrown: { readonly error: unknown } | undefined;

  /** What `onOutput` throws ends the process, and is what `ended` is rejected with. */
  constructor(words: readonly string[], silentMs: number, onOutput: (chunk: Buffer) => void) {
    this.child = spawn('ssh', words, { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    const timer = setInterval(() => this.#endIfSilent(silentMs), Math.min(1_000, silentMs));
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.moved();
      this.#handOn(chunk, onOutput);
    });
    this.child.stderr?.on('data', (text: Buffer) => {
      this.#said = (this.#said + text.toString('utf8')).slice(-saidMax);
    });
    // What could not be written any more, the exit explains.
    this.child.stdin?.on('error', () => undefined);
    this.ended = this.#waitForEnd().finally(() => clearInterval(timer));
  }

  /** A sign of life. */
  moved(): void {
    this.#movedAtMs = performance.now();
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  #handOn(chunk: Buffer, onOutput: (chunk: Buffer) => void): void {
    if (this.#thrown !== undefined) return;
    try {
      onOutput(chunk);
    } catch (error) {
      this.#thrown = { error };
      this.kill();
    }
  }

  #endIfSilent(silentMs: number): void {
    if (performance.now() - this.#movedAtMs < silentMs) return;
    this.#trouble ??= 'silent';
    this.kill();
  }

  async #waitForEnd(): Promise<SshEnd> {
    const pipesClosed = new Promise<void>((resolve) => this.child.once('close', () => resolve()));
    const code = await new Promise<number | undefined>((resolve) => {
      this.child.once('exit', (status) => resolve(status ?? undefined));
      this.child.once('error', (error) => {
        if (codeOf(error) === 'ENOENT') this.#trouble = 'no-ssh';
        this.#said += error.message;
        resolve(undefined);
      });
    });
    if (this.#trouble !== 'no-ssh') await Promise.race([pipesClosed, wait(pipesMs, undefined, { ref: false })]);
    if (this.#thrown !== undefined) throw this.#thrown.error;
    return { code, said: this.#said.trim(), trouble: this.#trouble };
  }
}
