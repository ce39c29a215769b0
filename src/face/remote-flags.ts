import type { Command } from 'commander';
import { escapeMachineName } from '../config/machine-name.ts';
import type { Result } from '../core/diagnostic.ts';
import { parseRemoteFolder, type RemoteFolder } from '../core/remote/remote-folder.ts';
import type { SshSettings } from '../core/remote/ssh-options.ts';

/** How machines are reached. */
export interface RemoteFlags {
  readonly remoteFolder?: string;
  readonly sshConfig?: string;
}

export function withRemote(command: Command): Command {
  return command
    .option('--remote-folder <folder>', 'where everything lies on the machines; default: ~/job-splitter/ and the name')
    .option('--ssh-config <file>', "instead of the user's own configuration of ssh");
}

export function readRemoteFolder({ remoteFolder }: RemoteFlags, name: string): Result<RemoteFolder> {
  return parseRemoteFolder(remoteFolder ?? `~/job-splitter/${escapeMachineName(name)}`);
}

export function sshSettingsOf({ sshConfig }: RemoteFlags): SshSettings {
  return { configFile: sshConfig };
}
