import { randomBytes } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { FramedScript } from '../../core/remote/script-command.ts';
import {
  connectTimeoutS,
  type SshSettings,
  sharesConnections,
  sshConfigWords,
  sshWords,
} from '../../core/remote/ssh-options.ts';
import { AnswerReader, type AnswerSink } from './answer-reader.ts';
import { newControlPath } from './control-path.ts';
import { type SshEnd, SshProcess } from './ssh-process.ts';

/** What came of a script. */
export type ScriptEnd =
  | { readonly kind: 'answered'; readonly code: number; readonly output: string; readonly said: string }
  /** The other side has no such shell: what it said instead. */
  | { readonly kind: 'no-shell'; readonly said: string }
  /** No connection, or it broke. */
  | { readonly kind: 'broken'; readonly end: SshEnd };

export interface ScriptRun {
  readonly frame: (token: string) => FramedScript;
  /** A file that the script reads, from some byte on; told how much has been passed on. */
  readonly input?: { readonly path: string; readonly offset: number; readonly onBytes: (bytes: number) => void };
  /** Gets what the script prints, instead of `output`. */
  readonly sink?: AnswerSink;
  /** Nothing may be silent for longer; a minute. */
  readonly silentMs?: number;
}

const silentMs = 60_000;
const outputBytesMax = 1 << 26;
const lookMs = 20;
const partingMs = 2_000;

/**
 * A connection to one machine. Where ssh can do it, one log-in serves all scripts; if that breaks, each script logs in for itself.
 */
export class SshConnection {
  readonly #host: string;
  readonly settings: SshSettings;
  #master: SshProcess | undefined;
  #controlPath: string | undefined;

  constructor(host: string, settings: SshSettings) {
    this.#host = host;
    this.settings = settings;
  }

  /** Logs in; returns how that failed. Must be called once, before all else. */
  async open(): Promise<SshEnd | undefined> {
    const config = await this.#readConfig();
    if (config.end.code !== 0) return config.end;
    if (process.platform === 'win32' || sharesConnections(config.text)) return undefined;
    const path = newControlPath();
    return path === undefined ? undefined : this.#openMaster(path);
  }

  /** Runs a script there. */
  async run({ frame, input, sink, silentMs: mayBeSilentMs = silentMs }: ScriptRun): Promise<ScriptEnd> {
    const token = `job-splitter-${randomBytes(12).toString('hex')}`;
    const { command, text } = frame(token);
    const output: Buffer[] = [];
    let outputBytes = 0;
    const keep = (bytes: Buffer): void => {
      outputBytes += bytes.length;
      if (outputBytes > outputBytesMax) ssh.kill();
      else output.push(Buffer.from(bytes));
    };
    const reader = new AnswerReader(token, sink ?? keep);
    const ssh = new SshProcess(sshWords(this.#client(), this.#host, command), mayBeSilentMs, (chunk) =>
      reader.add(chunk),
    );
    await this.#feed(ssh, text, input);
    const end = await ssh.ended;
    const { code, noise } = reader.end();
    if (code !== undefined)
      return { kind: 'answered', code, output: Buffer.concat(output).toString('utf8'), said: end.said };
    const isBroken = reader.hasBegun || end.code === undefined || end.code === 255;
    return isBroken ? { kind: 'broken', end } : { kind: 'no-shell', said: `${noise}\n${end.said}`.trim() };
  }

  /** Must be called at the end, whatever happened. */
  async close(): Promise<void> {
    this.#master?.child.stdin?.end();
    const late = wait(partingMs, undefined, { ref: false }).then(() => this.#master?.kill());
    if (this.#master !== undefined) await Promise.race([this.#master.ended, late]);
  }

  async #feed(ssh: SshProcess, text: string, input: ScriptRun['input']): Promise<void> {
    const { stdin } = ssh.child;
    if (stdin === null) return;
    if (input === undefined) {
      stdin.end(text);
      return;
    }
    stdin.write(text);
    const file = createReadStream(input.path, { start: input.offset, highWaterMark: 1 << 18 });
    const count = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        yield chunk;
        ssh.moved();
        input.onBytes(chunk.length);
      }
    };
    // A pipe that breaks is explained by how ssh ends.
    await pipeline(file, count, stdin).catch(() => undefined);
  }

  /** The first log-in stays open until our end of its standard input is closed: also when this process dies. */
  async #openMaster(path: string): Promise<SshEnd | undefined> {
    const settings: SshSettings = { ...this.settings, control: { path, role: 'master' } };
    const master = new SshProcess(sshWords(settings, this.#host, 'cat'), Number.POSITIVE_INFINITY, () => undefined);
    let end: SshEnd | undefined;
    void master.ended.then((it) => {
      end = it;
    });
    for (
      let waitedMs = 0;
      waitedMs < 3_000 * connectTimeoutS && end === undefined && !existsSync(path);
      waitedMs += lookMs
    ) {
      await wait(lookMs);
    }
    // Something that is no log-in (a system without cat, say): each script will log in for itself.
    if (end !== undefined) return end.code === 255 || end.code === undefined ? end : undefined;
    [this.#master, this.#controlPath] = [master, path];
    return undefined;
  }

  #client(): SshSettings {
    const path = this.#controlPath;
    return path === undefined ? this.settings : { ...this.settings, control: { path, role: 'client' } };
  }

  async #readConfig(): Promise<{ readonly text: string; readonly end: SshEnd }> {
    const chunks: Buffer[] = [];
    const ssh = new SshProcess(sshConfigWords(this.settings, this.#host), silentMs, (chunk) => chunks.push(chunk));
    ssh.child.stdin?.end();
    const end = await ssh.ended;
    return { text: Buffer.concat(chunks).toString('utf8'), end };
  }
}
