/** What the recipe in `build/` knows and the program does not: it is handed to `main` beside the experiment. */
export interface BuildInfo {
  /** The entry's file name without its ending: the experiment's name where it gives none. */
  readonly name: string;
  /** job-splitter's own version. */
  readonly version: string;
  /** The code fingerprint: SHA-256 over the bundle without source map, paths and native files, in hex. */
  readonly code: string;
  /** `linux-x64`, …, or `unpackaged` under `make run`. */
  readonly target: string;
  /** The files of `config-templates/`, which `init` writes. */
  readonly templates: { readonly machines: string; readonly header: string; readonly config: string };
}
