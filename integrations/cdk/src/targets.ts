/**
 * Runtimes and architectures: what CDK calls them, what layerpack calls them, and how layers for several of them differ.
 */
import * as lambda from 'aws-cdk-lib/aws-lambda';

/** A runtime and an architecture, in AWS's names. */
export interface Target {
  /** `python3.13` */
  readonly runtime: string;
  /** `arm64` or `x86_64` */
  readonly arch: string;
}

/** A package of a layer on one target. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** The wheel's file name. */
  readonly wheel: string;
  readonly sha256?: string | null;
}

/** The packages that a layer has on one target. */
export interface PackagesOnTarget extends Target {
  readonly packages: readonly Package[];
}

/** `python3.13 · arm64`, as layerpack prints it. */
export function label(target: Target): string {
  return `${target.runtime} · ${target.arch}`;
}

export function sameTarget(one: Target, other: Target): boolean {
  return one.runtime === other.runtime && one.arch === other.arch;
}

/** Every runtime on every architecture. */
export function product(runtimes: readonly string[], arches: readonly string[]): Target[] {
  return runtimes.flatMap((runtime) => arches.map((arch) => ({ runtime, arch })));
}

/** The different ones among these, in their order. */
export function distinct(names: readonly string[]): string[] {
  return [...new Set(names)];
}

/** CDK's runtime of this name. */
export function runtimeOf(name: string): lambda.Runtime {
  const known = lambda.Runtime.ALL.find((runtime) => runtime.name === name);
  return known ?? new lambda.Runtime(name, lambda.RuntimeFamily.PYTHON);
}

/** CDK's architecture of this name. */
export function architectureOf(name: string): lambda.Architecture {
  return name === lambda.Architecture.ARM_64.name ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64;
}

/** The names of these runtimes; only Python has layers of wheels. */
export function runtimeNames(runtimes: readonly lambda.Runtime[]): string[] {
  for (const runtime of runtimes) {
    if (runtime.family !== lambda.RuntimeFamily.PYTHON) {
      throw new Error(`${runtime.name} is no Python runtime: a Python layer is for Python runtimes only`);
    }
  }
  return distinct(runtimes.map((runtime) => runtime.name));
}

/** The packages that are not the same wheel on all of these targets, a line each. */
export function differences(layers: readonly PackagesOnTarget[]): string[] {
  const names = distinct(layers.flatMap((layer) => layer.packages.map((one) => one.name))).sort();
  const lines: string[] = [];
  for (const name of names) {
    const found = layers.map((layer) => layer.packages.find((one) => one.name === name));
    if (new Set(found.map(identity)).size > 1) {
      const sameVersion = new Set(found.map((one) => one?.version)).size === 1;
      const said = found.map((one) => (one === undefined ? 'not there' : sameVersion ? one.wheel : one.version));
      lines.push(`${name}: ${layers.map((layer, at) => `${said[at]} on ${label(layer)}`).join(', ')}`);
    }
  }
  return lines;
}

function identity(one: Package | undefined): string {
  return one === undefined ? '' : `${one.wheel} ${one.sha256 ?? ''}`;
}
