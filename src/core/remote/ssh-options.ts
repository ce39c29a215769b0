import { quoteForBash } from '../shell-word.ts';

/** How ssh is asked for; the user's own config says the rest (keys, jump hosts, ports). */
export interface SshSettings {
  /** Instead of the user's own, where given. */
  readonly configFile?: string | undefined;
  /** One connection for all commands, where ssh can do that. */
  readonly control?: { readonly path: string; readonly role: 'master' | 'client' } | undefined;
}

export const connectTimeoutS = 20;

/*
 * Nothing asks a question (no password is ever read), nothing that the user's config does for a person at a terminal gets in
 * the way, and a connection that is gone is noticed within a minute.
 */
const always: Readonly<Record<string, string | number>> = {
  BatchMode: 'yes',
  ConnectTimeout: connectTimeoutS,
  ServerAliveInterval: 15,
  ServerAliveCountMax: 4,
  ClearAllForwardings: 'yes',
  RequestTTY: 'no',
  RemoteCommand: 'none',
  LogLevel: 'ERROR',
};

/** The words after `ssh`. `host` must have passed `whyNoSshHost`. */
export function sshWords({ configFile, control }: SshSettings, host: string, command: string): readonly string[] {
  const options = { ...always, ...(control !== undefined && controlOptions(control)) };
  return [
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    '--',
    host,
    command,
  ];
}

/** What a person types to try the same: with the configuration that was given. */
export function sshByHand({ configFile }: SshSettings, host: string, program: 'ssh' | 'ssh-copy-id' = 'ssh'): string {
  return [program, ...(configFile === undefined ? [] : ['-F', quoteForBash(configFile)]), host].join(' ');
}

/** Asks ssh what its configuration says of a host; nothing is connected to. */
export function sshConfigWords({ configFile }: SshSettings, host: string): readonly string[] {
  return [...(configFile === undefined ? [] : ['-F', configFile]), '-G', '--', host];
}

/** Whether the user shares connections: then ours go through those, which may have been opened by hand. */
export function sharesConnections(config: string): boolean {
  const path = /^controlpath (.*)$/m.exec(config)?.[1]?.trim();
  return path !== undefined && path !== '' && path !== 'none';
}

function controlOptions({ path, role }: NonNullable<SshSettings['control']>): Readonly<Record<string, string>> {
  // In a value, % begins a placeholder.
  const escaped = `"${path.replaceAll('%', '%%')}"`;
  return { ControlPath: escaped, ControlMaster: role === 'master' ? 'yes' : 'no', ControlPersist: 'no' };
}
