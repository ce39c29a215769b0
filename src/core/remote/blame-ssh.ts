import type { Diagnostic } from '../diagnostic.ts';
import { type SshSettings, sshByHand } from './ssh-options.ts';

/** What ssh's own words mean, and what to do; the first that fits. */
const meanings: readonly (readonly [
  RegExp,
  (host: string, settings: SshSettings) => { readonly what: string; readonly hint: string },
])[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed/,
    (host, settings) => ({
      what: 'its host key has changed: it was set up anew, or another machine answers in its place; nothing was sent',
      hint: `ask whoever runs it; if the new key is right: ssh-keygen -R ${bareHost(host)}, then connect once by hand: ${sshByHand(settings, host)}`,
    }),
  ],
  [
    /Host key verification failed|key is (?:not known|unknown)/,
    (host, settings) => ({
      what: 'its host key is not known here',
      hint: `connect once by hand and compare the key: ${sshByHand(settings, host)}`,
    }),
  ],
  [
    /Permission denied|Too many authentication failures|No supported authentication/i,
    (host, settings) => ({
      what: 'it does not let you in without a question',
      hint: `give it your key (${sshByHand(settings, host, 'ssh-copy-id')}) and load it (ssh-add); passwords are never asked for here. ${sshByHand(settings, host)} must work without a question`,
    }),
  ],
  [
    /Could not resolve hostname/i,
    (host, settings) => ({
      what: 'no such host is known',
      hint: `check host in machines.json, or your ssh config: ${sshByHand(settings, host)}`,
    }),
  ],
  [
    /Bad configuration option|terminating, \d+ bad configuration/i,
    () => ({ what: 'the ssh config has a mistake', hint: 'mend the line that ssh names' }),
  ],
];

/** Why no connection came about, from what ssh wrote to stderr. */
export function blameSsh(host: string, said: string, settings: SshSettings = {}): Diagnostic {
  const found = meanings.find(([pattern]) => pattern.test(said))?.[1](host, settings);
  const last = lastLineOf(said);
  const what = found?.what ?? 'no connection';
  return {
    severity: 'error',
    message: `${host}: ${what}${last === '' ? '' : ` (${last})`}`,
    hint: found?.hint ?? `is it switched on, and in reach? Try by hand: ${sshByHand(settings, host)}`,
  };
}

function lastLineOf(said: string): string {
  const lines = said.split(/\r?\n/).map((line) => line.trim());
  return lines.findLast((line) => line !== '')?.slice(0, 200) ?? '';
}

function bareHost(host: string): string {
  const [, name = '', port] = /^(?:ssh:\/\/)?(?:.*@)?(.*?)(?::(\d+))?$/.exec(host) ?? [];
  return port === undefined ? name : `'[${name}]:${port}'`;
}
