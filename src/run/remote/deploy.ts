import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildInfo } from '../../build-info.ts';
import { escapeMachineName } from '../../config/machine-name.ts';
import { hexOf } from '../../core/agreement.ts';
import { failed, ok, type Result } from '../../core/diagnostic.ts';
import { type LocalFile, ownerOf, programName, programNames } from '../../core/remote/deploy-plan.ts';
import type { RemoteFolder } from '../../core/remote/remote-folder.ts';
import type { ProgramNames } from '../../core/remote/remote-scripts.ts';
import type { RemoteStep } from '../../core/remote/remote-step.ts';
import type { SshSettings } from '../../core/remote/ssh-options.ts';
import { parseStart, type StartEnd } from '../../core/remote/start-end.ts';
import { hashLocal } from '../../runtime/remote/hash-local.ts';
import type { Prepared } from '../prepare.ts';
import { fileNames, lockFileName, rescueFileName } from '../three-files.ts';
import { findExecutable } from './find-executable.ts';
import { type RemoteMachine, type RemotePlace, refusal, withRemoteMachine } from './remote-machine.ts';
import { sendFile, surveyFiles } from './send-file.ts';

export interface DeployRequest {
  readonly prepared: Prepared;
  readonly build: BuildInfo;
  readonly folder: RemoteFolder;
  readonly settings: SshSettings;
  /** Where executables for other systems lie. */
  readonly dist: string | undefined;
  readonly starts: boolean;
  /** More words for the start, such as `-o run.retries=0`. */
  readonly words: readonly string[];
  readonly tell: (place: RemotePlace, step: RemoteStep) => void;
}

/** What a program is called where people look: its real name is long. */
export const programWord = 'program';

export interface Deployed {
  readonly target: string;
  /** Names of what was copied; all else was there. */
  readonly copied: readonly string[];
  /** `undefined`: nothing was to be started. */
  readonly start: StartEnd | undefined;
}

/** Nothing is said while the run begins, for a minute at most. */
const startSilentMs = 100_000;

/** Brings program and files to machines and starts their shares. Can be repeated at any time: what runs is not disturbed. */
export class Deployment {
  readonly #request: DeployRequest;
  /** Each executable is found and hashed once. */
  readonly #programs = new Map<string, Promise<Result<LocalFile>>>();

  constructor(request: DeployRequest) {
    this.#request = request;
  }

  to(place: RemotePlace): Promise<Result<Deployed>> {
    const { folder, settings, tell } = this.#request;
    tell(place, { kind: 'connecting' });
    return withRemoteMachine(place, folder, settings, (machine) => this.#deploy(machine));
  }

  async #deploy(machine: RemoteMachine): Promise<Result<Deployed>> {
    this.#request.tell(machine.place, { kind: 'looking' });
    const program = await this.#program(machine.target);
    if (!program.ok) return program;
    const copied = await this.#copy(machine, [program.value, ...(await this.#inputs())]);
    if (!copied.ok) return copied;
    const about = { target: machine.target, copied: copied.value };
    if (!this.#request.starts) return ok({ ...about, start: undefined });
    const start = await this.#start(machine, program.value.name);
    return start.ok ? ok({ ...about, start: start.value }) : start;
  }

  /** The program first: files without it would be of no use. Returns what had to be copied. */
  async #copy(machine: RemoteMachine, files: readonly LocalFile[]): Promise<Result<readonly string[]>> {
    const surveyed = await surveyFiles(machine, files);
    if (!surveyed.ok) return surveyed;
    const copied: string[] = [];
    for (const [at, file] of files.entries()) {
      const { isThere, arrivedBytes } = surveyed.value[at] ?? { isThere: false, arrivedBytes: 0 };
      if (isThere) continue;
      const what = file.isProgram ? programWord : file.name;
      const sent = await sendFile(machine, file, arrivedBytes, (bytes) =>
        this.#request.tell(machine.place, { kind: 'copying', what, bytes, total: file.bytes }),
      );
      if (!sent.ok) return sent;
      copied.push(what);
    }
    // Whatever comes of it: what is left over is in nobody's way but the disk's.
    if (copied.length > 0) await machine.try(this.#tidy(machine, files));
    return ok(copied);
  }

  #tidy({ scripts, target, place }: RemoteMachine, files: readonly LocalFile[]): string {
    const program = files.find(({ isProgram }) => isProgram)?.name ?? '';
    return scripts.tidy(deployedPrograms(this.#request.build, target), program, ownerOf(place.name));
  }

  async #start(machine: RemoteMachine, program: string): Promise<Result<StartEnd>> {
    const { prepared, words, tell } = this.#request;
    const { name } = machine.place;
    tell(machine.place, { kind: 'starting' });
    const runFolder = remoteRunFolder(prepared.name, name);
    const flags = ['--machine', name, '--yes', '--expect', hexOf(prepared.agreement), ...words];
    const script = machine.scripts.start({ program, words: flags, log: `${runFolder}.log`, runFolder });
    const answer = await machine.ask(script, { silentMs: startSilentMs });
    if (!answer.ok) return answer;
    const end = answer.value.code === 0 ? parseStart(answer.value.output) : undefined;
    return end === undefined ? failed(refusal(machine, 'it cannot be started', answer.value)) : ok(end);
  }

  #program(target: string): Promise<Result<LocalFile>> {
    const known = this.#programs.get(target) ?? this.#findProgram(target);
    this.#programs.set(target, known);
    return known;
  }

  async #findProgram(target: string): Promise<Result<LocalFile>> {
    const { build, dist } = this.#request;
    const path = findExecutable(target, build, dist);
    if (!path.ok) return path;
    const file = await describeFile(path.value);
    return ok({ ...file, name: programName(deployedPrograms(build, target), file.sha256), isProgram: true });
  }

  /** The three files, and what was laid beside them. */
  async #inputs(): Promise<readonly LocalFile[]> {
    const { folder } = this.#request.prepared.files;
    const names = [...Object.values(fileNames), lockFileName, rescueFileName];
    const there = names.filter((name) => existsSync(join(folder, name)));
    return Promise.all(
      there.map(async (name) => ({ ...(await describeFile(join(folder, name))), name, isProgram: false })),
    );
  }
}

export const deployedPrograms = ({ name }: BuildInfo, target: string): ProgramNames =>
  programNames(escapeMachineName(name), target);

/** What a machine's run folder is called there. */
export const remoteRunFolder = (experiment: string, machine: string): string =>
  `${escapeMachineName(experiment)}.${escapeMachineName(machine)}`;

async function describeFile(path: string): Promise<Pick<LocalFile, 'path' | 'bytes' | 'sha256'>> {
  return { path, bytes: statSync(path).size, sha256: await hashLocal(path) };
}
