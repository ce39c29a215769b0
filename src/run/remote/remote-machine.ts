import { setTimeout as wait } from 'node:timers/promises';
import { type Diagnostic, failed, ok, type Result } from '../../core/diagnostic.ts';
import type { MachineName } from '../../core/ids.ts';
import { blameSsh } from '../../core/remote/blame-ssh.ts';
import { posixProbe, posixScripts } from '../../core/remote/posix-scripts.ts';
import type { RemoteFolder } from '../../core/remote/remote-folder.ts';
import type { RemoteScripts } from '../../core/remote/remote-scripts.ts';
import { type FramedScript, frameForSh } from '../../core/remote/script-command.ts';
import { type SshSettings, sshByHand } from '../../core/remote/ssh-options.ts';
import { targetOf } from '../../core/remote/target-of.ts';
import { frameForPowerShell, windowsProbe } from '../../core/remote/windows-frame.ts';
import { windowsScripts } from '../../core/remote/windows-scripts.ts';
import { type ScriptEnd, type ScriptRun, SshConnection } from '../../runtime/remote/ssh-connection.ts';
import type { SshEnd } from '../../runtime/remote/ssh-process.ts';

/** A machine of `machines.json` that ssh can reach. */
export interface RemotePlace {
  readonly name: MachineName;
  readonly host: string;
}

export type Answer = Extract<ScriptEnd, { readonly kind: 'answered' }>;

/** A connection that broke is tried again so often, after so long. */
const againMs: readonly number[] = [500, 2_000];

/** The end of a connection to a machine, once it is known what it is. */
export class RemoteMachine {
  readonly place: RemotePlace;
  readonly target: string;
  readonly scripts: RemoteScripts;
  readonly #connection: SshConnection;
  readonly #frame: (script: string, token: string) => FramedScript;

  constructor(place: RemotePlace, connection: SshConnection, system: KnownSystem) {
    this.place = place;
    this.target = system.target;
    this.scripts = system.scripts;
    this.#connection = connection;
    this.#frame = system.frame;
  }

  /** What a script answered; one that must not run twice says so. */
  async ask(script: string, more: Omit<ScriptRun, 'frame'> = {}): Promise<Result<Answer>> {
    for (const pauseMs of [...againMs, undefined]) {
      const end = await this.try(script, more);
      if (end.kind === 'answered') return ok(end);
      if (pauseMs === undefined || end.kind === 'no-shell') return failed(this.blame(end));
      await wait(pauseMs);
    }
    throw new Error('Internal error: no last try');
  }

  /** What is wrong where no answer came. */
  blame(end: Exclude<ScriptEnd, Answer>): Diagnostic {
    const { settings } = this.#connection;
    return end.kind === 'no-shell'
      ? withoutShell(this.place, end.said, settings)
      : blame(this.place, end.end, settings);
  }

  /** Once. */
  try(script: string, more: Omit<ScriptRun, 'frame'> = {}): Promise<ScriptEnd> {
    return this.#connection.run({ frame: (token) => this.#frame(script, token), ...more });
  }
}

/** Logs in, finds out what is there, lets it be used and closes the connection. */
export async function withRemoteMachine<Value>(
  place: RemotePlace,
  folder: RemoteFolder,
  settings: SshSettings,
  use: (machine: RemoteMachine) => Promise<Result<Value>>,
): Promise<Result<Value>> {
  const connection = new SshConnection(place.host, settings);
  try {
    const refusal = await connection.open();
    if (refusal !== undefined) return failed(blame(place, refusal, settings));
    const system = await findSystem(place, folder, connection);
    return system.ok ? await use(new RemoteMachine(place, connection, system.value)) : system;
  } finally {
    await connection.close();
  }
}

interface KnownSystem {
  readonly target: string;
  readonly scripts: RemoteScripts;
  readonly frame: (script: string, token: string) => FramedScript;
}

async function findSystem(
  place: RemotePlace,
  folder: RemoteFolder,
  connection: SshConnection,
): Promise<Result<KnownSystem>> {
  const posix = await connection.run({ frame: (token) => frameForSh(posixProbe, token) });
  const hasSh = posix.kind !== 'no-shell';
  const frame = hasSh ? frameForSh : frameForPowerShell;
  const end = hasSh ? posix : await connection.run({ frame: (token) => frame(windowsProbe, token) });
  if (end.kind === 'broken') return failed(blame(place, end.end, connection.settings));
  // What it said to sh tells more of a machine that knows neither.
  if (end.kind === 'no-shell')
    return failed(withoutShell(place, posix.kind === 'no-shell' ? posix.said : end.said, connection.settings));
  const [system = '', architecture = ''] = end.output.split(/\r?\n/);
  const target = targetOf(system, architecture);
  const scripts = hasSh ? posixScripts(folder) : windowsScripts(folder);
  if (target !== undefined) return ok({ target, scripts, frame });
  const message = `${place.host} is a machine that nothing is built for: ${JSON.stringify(`${system} ${architecture}`)}`;
  return failed({ severity: 'error', message, hint: 'Linux, macOS and Windows on x64 or arm64 are known' });
}

function blame({ host }: RemotePlace, { trouble, said }: SshEnd, settings: SshSettings): Diagnostic {
  if (trouble === 'no-ssh') {
    const hint = 'install OpenSSH (on Windows: Settings, Optional features, OpenSSH Client), or copy the files by hand';
    return { severity: 'error', message: 'there is no ssh on the PATH', hint };
  }
  return blameSsh(host, trouble === 'silent' ? `${said}\nsilent for too long` : said, settings);
}

function withoutShell({ host }: RemotePlace, said: string, settings: SshSettings): Diagnostic {
  const message = `${host} runs neither sh nor PowerShell; it said: ${JSON.stringify(said.slice(0, 300))}`;
  return {
    severity: 'error',
    message,
    hint: `an account that may run commands is needed: ${sshByHand(settings, host)} uname`,
  };
}

/** What a script came to that says no by its exit code. */
export function refusal(
  { place }: RemoteMachine,
  what: string,
  { code, said }: Pick<Answer, 'code' | 'said'>,
): Diagnostic {
  const why = said === '' ? `code ${code}` : (said.split('\n').at(-1) ?? '').slice(0, 300);
  return {
    severity: 'error',
    message: `${place.host}: ${what} (${why})`,
    hint: 'room on the disk, and the right to write there? --remote-folder FOLDER names another place',
  };
}
