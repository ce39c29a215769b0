import { existsSync, readFileSync } from 'node:fs';
import { connect, errors, type NatsConnection } from '@nats-io/transport-node';
import { describeAddress, type EngineAddress } from '../../config/engine-address.ts';
import { type Diagnostic, failed, ok, type Result } from '../../core/diagnostic.ts';
import { codeOf } from '../files.ts';

const connectMs = 5_000;
const reconnectMs = 500;
/** A line that is dead without a word is noticed after two of these. */
const pingMs = 20_000;

/** Connects once; later breaks are mended for ever. A server that cannot be reached or refuses is a value. */
export async function connectTo(address: EngineAddress): Promise<Result<NatsConnection>> {
  const missing = [address.caFile, address.certFile, address.keyFile].find((file) => file && !existsSync(file));
  if (missing !== undefined) return refuse(`there is no ${missing}`, 'the address names it for TLS');
  try {
    return ok(await connect(optionsOf(address)));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return refuse(...describeFailure(error, address));
  }
}

function optionsOf({ server, user, password, token, tls, caFile, certFile, keyFile }: EngineAddress) {
  const read = (path: string): string => readFileSync(path, 'utf8');
  return {
    servers: server,
    name: 'job-splitter',
    timeout: connectMs,
    pingInterval: pingMs,
    reconnectTimeWait: reconnectMs,
    maxReconnectAttempts: -1,
    // A server that was started anew may not know its users in its first moments.
    ignoreAuthErrorAbort: true,
    ignoreClusterUpdates: true,
    // What this machine records it knows.
    noEcho: true,
    // An error made for each request ahead of time would cost more than the request.
    noAsyncTraces: true,
    ...(user !== undefined && { user, pass: password ?? '' }),
    ...(token !== undefined && { token }),
    ...(tls && {
      tls: {
        ...(caFile !== undefined && { ca: read(caFile) }),
        ...(certFile !== undefined && { cert: read(certFile) }),
        ...(keyFile !== undefined && { key: read(keyFile) }),
      },
    }),
  };
}

function describeFailure(error: Error, address: EngineAddress): [message: string, hint: string] {
  const at = describeAddress(address);
  // "authentication timeout" says that the server is slow, not that it says no.
  const isRefusal = error instanceof errors.AuthorizationError && !/timeout/i.test(error.message);
  if (isRefusal || error instanceof errors.UserAuthenticationExpiredError) {
    return [
      `${at} refuses these credentials`,
      'the address holds user and password, or a token: as engine.url has them, which `serve` wrote',
    ];
  }
  const cause = error.cause instanceof Error ? error.cause : error;
  const code = codeOf(cause) ?? '';
  if (/CERT|TLS|SSL|SIGNED|ALTNAME/.test(code)) {
    return [`${at} shows a certificate that is not trusted: ${cause.message}`, 'name who signed it: …?ca=FILE (PEM)'];
  }
  const why =
    error.message === cause.message || cause.message === '' ? error.message : `${error.message}: ${cause.message}`;
  return [`${at} cannot be reached: ${why}`, 'is the server running there (`serve`), and its port open?'];
}

function refuse(message: string, hint: string): Result<never> {
  const diagnostic: Diagnostic = { severity: 'error', message, hint };
  return failed(diagnostic);
}
