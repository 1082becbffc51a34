/**
 * Runs layerpack and reads its JSON: `build` for the zips, `resolve` for what further targets would take.
 */
import { spawnSync } from 'node:child_process';
import { findLayerpack } from './executable';
import { PackagesOnTarget, Target } from './targets';

/** A layer that was built for one target. */
export interface BuiltLayer extends PackagesOnTarget {
  readonly outputs: readonly Output[];
  readonly findings: readonly Finding[];
}

interface Output {
  /** `zip`, `report` … */
  readonly kind: string;
  readonly path: string;
  readonly sha256: string;
}

interface Finding {
  readonly code: string;
  readonly message: string;
}

/** What layerpack is run for, and with what. */
export interface Invocation {
  readonly entry: string;
  /** Empty where layerpack.toml names them. */
  readonly runtimes: readonly string[];
  readonly arches: readonly string[];
  /** A folder with what goes below the layer's `python/` beside the packages. */
  readonly ownFiles?: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** Further arguments. */
  readonly args: readonly string[];
  readonly executable?: string | undefined;
}

/** Builds the layer for every target, into `outDir`. */
export function build(invocation: Invocation, outDir: string): BuiltLayer[] {
  const own = invocation.ownFiles === undefined ? [] : ['--include', invocation.ownFiles];
  return run('build', invocation, [...own, '--out-dir', outDir, '--emit', 'zip,report']).targets;
}

/** The packages that the layer would have. */
export function resolve(invocation: Invocation): PackagesOnTarget[] {
  return run('resolve', invocation, []).targets;
}

/** The zip of a built layer. */
export function zipOf(layer: BuiltLayer): Output {
  const zip = layer.outputs.find((output) => output.kind === 'zip');
  if (zip === undefined) {
    throw new Error('layerpack build named no zip: this package and the program layerpack do not fit together');
  }
  return zip;
}

function run(command: string, invocation: Invocation, flags: string[]): { targets: BuiltLayer[] } {
  const program = findLayerpack(invocation.executable);
  const named = (flag: string, values: readonly string[]) => (values.length === 0 ? [] : [flag, values.join(',')]);
  const args = [
    command,
    invocation.entry,
    ...named('--runtime', invocation.runtimes),
    ...named('--arch', invocation.arches),
    ...flags,
    ...invocation.args,
    ...['--format', 'json'],
  ];
  const ran = spawnSync(program, args, {
    env: { ...process.env, ...invocation.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (ran.error !== undefined) {
    throw new Error(`could not run ${program}: ${ran.error.message}`);
  }
  if (ran.status !== 0) {
    const how = ran.status === null ? `was ended by ${ran.signal}` : `exit ${ran.status}`;
    throw new Error(`layerpack ${command} ${invocation.entry}: ${how}\n${ran.stderr.trim()}`);
  }
  // Warnings and the summary are for whoever synthesizes.
  process.stderr.write(ran.stderr);
  return JSON.parse(ran.stdout) as { targets: BuiltLayer[] };
}

/** The targets that were named nowhere, as a sentence of layerpack's; none where all were. */
export function unnamedTarget(layers: readonly (Target & { findings: readonly Finding[] })[]): string | undefined {
  return layers.flatMap((layer) => layer.findings).find((finding) => finding.code === 'LP510')?.message;
}
