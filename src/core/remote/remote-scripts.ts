/** What is asked of a machine, as scripts in the language of its shell; one for POSIX sh, one for PowerShell. */
export interface RemoteScripts {
  /**
   * Makes the folder. A line with the hash of nothing; then for each file two: the SHA-256 of what lies under its name (`-`:
   * nothing does), and how many bytes of a copy have arrived.
   */
  survey(files: readonly NamedCopy[]): string;
  /** Appends its standard input to a copy that has so many bytes. */
  append(copy: NamedCopy, offset: number): string;
  /** Gives a copy its name, if it is whole; else throws it away. */
  settle(copy: NamedCopy): string;
  /** Removes what earlier copies left: parts, and programs, unless a run may be using one of those. */
  tidy(programs: ProgramNames, keep: string, owner: string): string;
  /** Starts the program so that it survives the connection, and waits until the run says that it goes on, or has ended. */
  start(start: RemoteStart): string;
  /** Runs the program that was deployed last, and passes on what it says. */
  call(call: RemoteCall): string;
  /** The files of a run folder with their sizes, the journal first. */
  list(runFolder: string): string;
  /** The SHA-256 of the first bytes of files, a line for each. */
  hashStarts(runFolder: string, starts: readonly FileStart[]): string;
  /** These stretches, each followed by `pieceEnd`. */
  fetch(runFolder: string, pieces: readonly FilePiece[]): string;
}

/** A file on its way. */
export interface NamedCopy {
  readonly name: string;
  /** What it is called until it is whole. */
  readonly part: string;
  readonly sha256: string;
  readonly isProgram: boolean;
}

export interface RemoteStart {
  readonly program: string;
  readonly words: readonly string[];
  /** Gets what the program prints. */
  readonly log: string;
  readonly runFolder: string;
}

/** What deployed programs are called, but for 16 hex digits in between. */
export interface ProgramNames {
  readonly prefix: string;
  readonly suffix: string;
}

export interface RemoteCall {
  readonly programs: ProgramNames;
  readonly words: readonly string[];
}

export interface FileStart {
  readonly path: string;
  readonly bytes: number;
}

export interface FilePiece extends FileStart {
  readonly offset: number;
}

/** Stands after each stretch: where it is not, the file has changed meanwhile. */
export const pieceEnd = '\n=\n';

/** Exit codes of these scripts, which say what went wrong. */
export const scriptCodes = {
  noFolder: 91,
  /** The copy has another size than was thought: ask again. */
  otherSize: 92,
  /** It arrived, but not as it was sent. */
  otherContent: 93,
  cannotWrite: 94,
  noProgram: 95,
  nothingThere: 96,
} as const;
