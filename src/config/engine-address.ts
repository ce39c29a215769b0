import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';

/** Where a campaign's server is, and how it is spoken to. Passwords and tokens are shown to nobody. */
export interface EngineAddress {
  /** `host:port`. */
  readonly server: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly token: string | undefined;
  /** Nothing goes over the network unencrypted. */
  readonly tls: boolean;
  /** PEM files: who may sign the server's certificate; this machine's own certificate and its key. */
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  /** Tells campaigns of one experiment apart; most often empty. */
  readonly queue: string;
}

const defaultPort = '4222';
const example =
  'nats://user:password@host:4222, or @FILE with that in its first line; an @ stands before the host, a number behind the last colon';
const files = ['ca', 'cert', 'key'];
const queueLengthMax = 60;

/** Reads `nats://[USER:PASSWORD@|TOKEN@]HOST[:PORT][/QUEUE][?ca=FILE&cert=FILE&key=FILE]`; `tls://` asks for TLS. */
export function parseEngineAddress(text: string): Result<EngineAddress> {
  const url = parseUrl(text);
  if (url === undefined) return refuse('the address of the server cannot be read', example);
  const tls = url.protocol === 'tls:';
  if (!tls && url.protocol !== 'nats:')
    return refuse('the address begins neither with nats:// nor with tls://', example);
  if (url.hostname === '') return refuse('the address names no host', example);
  const unknown = [...url.searchParams.keys()].find((name) => !files.includes(name));
  if (unknown !== undefined)
    return refuse(`the address holds ${JSON.stringify(unknown)}`, `known: ${files.join(', ')}`);
  const queue = decode(url.pathname.slice(1));
  if (!/^[\w-]*$/.test(queue) || queue.length > queueLengthMax) {
    return refuse('the queue in the address has a name that cannot be', 'letters, digits, _ and -, at most 60');
  }
  const [name, secret] = [decode(url.username), decode(url.password)];
  const [caFile, certFile, keyFile] = files.map((file) => url.searchParams.get(file) ?? undefined);
  return ok({
    server: `${url.hostname}:${url.port === '' ? defaultPort : url.port}`,
    user: secret === '' ? undefined : name,
    password: secret === '' ? undefined : secret,
    token: secret === '' && name !== '' ? name : undefined,
    tls: tls || caFile !== undefined || certFile !== undefined,
    ...{ caFile, certFile, keyFile, queue },
  });
}

/** As it may be shown. */
export function describeAddress({ server, tls, queue }: EngineAddress): string {
  return `${tls ? 'tls' : 'nats'}://${server}${queue === '' ? '' : `/${queue}`}`;
}

/** Whether a word is meant as the address of a server. */
export function isEngineAddress(word: string): boolean {
  return /^(?:nats|tls):\/\//.test(word);
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text.trim());
  } catch {
    return undefined;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function refuse(message: string, hint: string): Result<never> {
  const diagnostic: Diagnostic = { severity: 'error', message, hint };
  return failed(diagnostic);
}
