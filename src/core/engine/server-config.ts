/** What a NATS server for campaigns is started with. */
export interface ServerConfig {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly storeFolder: string;
  /** The store never takes more than this. */
  readonly storeBytesMax: number;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** Since 2.10 each message can be on disk before it is acknowledged. */
  readonly syncsAlways: boolean;
}

/** One message holds the rows of up to a tenth of a second of a worker, or one large result. */
const messageBytesMax = 8 * 1024 ** 2;

/** In the format of nats-server's configuration file: names, colons, JSON's strings. */
export function spellServerConfig(config: ServerConfig): string {
  const { host, port, user, password, storeFolder, storeBytesMax, tls, syncsAlways } = config;
  const lines = [
    '# Written by job-splitter; holds a password.',
    `listen: ${spell(`${host}:${port}`)}`,
    `max_payload: ${messageBytesMax}`,
    `authorization { user: ${spell(user)}, password: ${spell(password)} }`,
    'jetstream {',
    `  store_dir: ${spell(storeFolder)}`,
    `  max_file_store: ${storeBytesMax}`,
    ...(syncsAlways ? ['  sync_interval: always'] : []),
    '}',
  ];
  if (tls !== undefined) lines.push(`tls { cert_file: ${spell(tls.certFile)}, key_file: ${spell(tls.keyFile)} }`);
  return `${lines.join('\n')}\n`;
}

const spell = (text: string): string => JSON.stringify(text);

/** Whether a server of this version (`nats-server: v2.9.10`) can sync before it acknowledges. */
export function canSyncAlways(version: string): boolean {
  const [, major, minor] = /v(\d+)\.(\d+)\./.exec(version) ?? [];
  return Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 10);
}
