/** `carried/list.json` in an executable: the files that it carries, in the order of their numbers, which are their names inside. */
export interface AssetList {
  readonly files: readonly PackedFile[];
}

export interface PackedFile {
  /** Where it is unpacked: relative, with slashes, never leading out of the folder. */
  readonly path: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

/** Below the folder of what is unpacked: what was named with ASSETS=… */
export const userFolder = 'assets';
/** … and packages that need files of their own, under `node_modules`. */
export const packagesFolder = 'packages';
