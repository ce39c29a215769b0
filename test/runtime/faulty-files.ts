import { type Done, type Files, systemFiles } from '../../src/runtime/files.ts';

export interface Fault {
  /** Which operation fails, from 1. */
  readonly at: number;
  /** `short`: half of what is written is taken, then the disk is full once. */
  readonly code: 'ENOSPC' | 'EIO' | 'EACCES' | 'short';
  /** All writing operations from there on fail, until `heal`. */
  readonly lasts: boolean;
}

/** The real files, one or more of whose operations fail. Counts them. */
export class FaultyFiles implements Files {
  count = 0;
  readonly #fault: Fault | undefined;
  #healed = false;
  #fullAfterShort = false;

  constructor(fault: Fault | undefined) {
    this.#fault = fault;
  }

  heal(): void {
    this.#healed = true;
  }

  /** The error due now, if any. */
  #next(name: string, writes = true): NodeJS.ErrnoException | undefined {
    this.count++;
    const fault = this.#fault;
    if (this.#healed || fault === undefined || fault.code === 'short') return undefined;
    const isDue = this.count === fault.at || (fault.lasts && writes && this.count > fault.at);
    return isDue ? faultOf(fault.code, name) : undefined;
  }

  #throwNext(name: string, writes = true): void {
    const error = this.#next(name, writes);
    if (error !== undefined) throw error;
  }

  /** How much of a write is taken. */
  #cut(length: number): number | NodeJS.ErrnoException {
    const error = this.#next('write');
    if (error !== undefined) return error;
    if (this.#fullAfterShort) {
      this.#fullAfterShort = false;
      return faultOf('ENOSPC', 'write');
    }
    if (this.#fault?.code !== 'short' || this.count !== this.#fault.at || length < 2) return length;
    this.#fullAfterShort = true;
    return Math.floor(length / 2);
  }

  open: Files['open'] = (path, how) => {
    this.#throwNext('open', how !== 'read');
    return systemFiles.open(path, how);
  };
  close: Files['close'] = (file) => {
    systemFiles.close(file);
    this.#throwNext('close', false);
  };
  sizeBytes: Files['sizeBytes'] = (file) => {
    this.#throwNext('fstat', false);
    return systemFiles.sizeBytes(file);
  };
  identity: Files['identity'] = (file) => {
    this.#throwNext('fstat', false);
    return systemFiles.identity(file);
  };
  modifiedMs: Files['modifiedMs'] = (path) => {
    this.#throwNext('stat', false);
    return systemFiles.modifiedMs(path);
  };
  read: Files['read'] = (file, into, position) => {
    this.#throwNext('read', false);
    return systemFiles.read(file, into, position);
  };
  write: Files['write'] = (file, data, position) => {
    const taken = this.#cut(data.length);
    if (typeof taken !== 'number') throw taken;
    return systemFiles.write(file, data.subarray(0, taken), position);
  };
  truncate: Files['truncate'] = (file, bytes) => {
    this.#throwNext('ftruncate');
    systemFiles.truncate(file, bytes);
  };
  sync: Files['sync'] = (_file) => {
    this.#throwNext('fsync');
  };
  rename: Files['rename'] = (from, to) => {
    this.#throwNext('rename');
    systemFiles.rename(from, to);
  };
  link: Files['link'] = (from, to) => {
    this.#throwNext('link');
    systemFiles.link(from, to);
  };
  remove: Files['remove'] = (path) => {
    this.#throwNext('unlink');
    systemFiles.remove(path);
  };
  makeFolder: Files['makeFolder'] = (path) => {
    this.#throwNext('mkdir');
    return systemFiles.makeFolder(path);
  };
  list: Files['list'] = (folder) => {
    this.#throwNext('scandir', false);
    return systemFiles.list(folder);
  };
  writeLater: Files['writeLater'] = (file, data, position, done) => {
    const taken = this.#cut(data.length);
    if (typeof taken !== 'number') setImmediate(() => done(taken, 0));
    else systemFiles.writeLater(file, data.subarray(0, taken), position, done);
  };
  pause: Files['pause'] = () => undefined;
  syncLater: Files['syncLater'] = (_file, done: Done<undefined>) => {
    const error = this.#next('fdatasync');
    setImmediate(() => done(error ?? null, undefined));
  };
}

function faultOf(code: string, name: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: made to fail, ${name}`), { code });
}
