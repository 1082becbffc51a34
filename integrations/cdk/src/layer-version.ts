/** One layer version for all of its targets. */
import { Stack } from 'aws-cdk-lib/core';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { BundlingOptions } from './bundling';
import { LayerBuild } from './layer-build';
import { BuiltLayer, zipOf } from './program';
import { IPythonLayer, PythonLayerProps } from './props';
import { architectureOf, differences, distinct, label, runtimeNames, runtimeOf } from './targets';

/** Properties of {@link PythonLayerVersion}. */
export interface PythonLayerVersionProps extends PythonLayerProps {
  /**
   * Runtimes to declare beside those that the layer is built for. Refused where other packages would be taken there.
   *
   * @default - none
   */
  readonly alsoCompatibleRuntimes?: lambda.Runtime[];

  /**
   * Architectures to declare beside those that the layer is built for. Refused where other packages would be taken there.
   *
   * @default - none
   */
  readonly alsoCompatibleArchitectures?: lambda.Architecture[];
}

/**
 * A layer version with Python packages, built by layerpack without Docker.
 *
 * It is built for every runtime and architecture that it declares. Where that gives different zips, the synth fails and
 * names the packages that differ; {@link PythonLayerVersionSet} makes a layer version for each instead.
 */
export class PythonLayerVersion extends lambda.LayerVersion implements IPythonLayer {
  public constructor(scope: Construct, id: string, props: PythonLayerVersionProps) {
    const build = new LayerBuild(scope, id, props);
    super(scope, id, {
      ...layerVersionOptions(props),
      ...(Stack.of(scope).bundlingRequired ? built(build, props) : unbuilt(build, props)),
    });
    build.remember(this);
  }
}

/** What every layer version has, however it is built. */
export function layerVersionOptions(props: PythonLayerProps): lambda.LayerVersionOptions {
  const { description, layerVersionName, license, removalPolicy } = props;
  return { description, layerVersionName, license, removalPolicy };
}

/**
 * A zip as an asset. Its hash comes from layerpack's sha256 of the zip, unless the options give one: CDK need not read
 * the zip for it, and does not take a path that it has seen before for the same bytes.
 */
export function codeOf(layer: BuiltLayer, bundling: BundlingOptions | undefined): lambda.Code {
  const zip = zipOf(layer);
  return lambda.Code.fromAsset(zip.path, { assetHash: bundling?.assetHash ?? zip.sha256 });
}

function built(build: LayerBuild, props: PythonLayerVersionProps): lambda.LayerVersionProps {
  const layers = build.layers;
  const first = oneOf(layers, build.shownEntry);
  const runtimes = runtimeNames(props.alsoCompatibleRuntimes ?? []);
  const arches = (props.alsoCompatibleArchitectures ?? []).map((architecture) => architecture.name);
  if (runtimes.length > 0 || arches.length > 0) {
    build.admits(runtimes, arches);
  }
  return {
    code: codeOf(first, props.bundling),
    compatibleRuntimes: distinct([...layers.map((layer) => layer.runtime), ...runtimes]).map(runtimeOf),
    compatibleArchitectures: distinct([...layers.map((layer) => layer.arch), ...arches]).map(architectureOf),
  };
}

/** The stack is not synthesized: what is declared is all that others may look at. */
function unbuilt(build: LayerBuild, props: PythonLayerVersionProps): lambda.LayerVersionProps {
  const declared = <T>(named: T[] | undefined, also: T[] | undefined) => named && [...named, ...(also ?? [])];
  return {
    code: lambda.Code.fromAsset(build.placeholder),
    compatibleRuntimes: declared(props.compatibleRuntimes, props.alsoCompatibleRuntimes),
    compatibleArchitectures: declared(props.compatibleArchitectures, props.alsoCompatibleArchitectures),
  };
}

/** The layer, if it is the same on all targets. */
function oneOf(layers: readonly BuiltLayer[], entry: string): BuiltLayer {
  const [first, ...others] = layers;
  if (first === undefined) {
    throw new Error(`layerpack built nothing from ${entry}`);
  }
  if (others.every((other) => zipOf(other).sha256 === zipOf(first).sha256)) {
    return first;
  }
  const lines = differences(layers);
  const what = lines.length === 0 ? 'files that layerpack makes differ' : `${counted(lines.length)}`;
  throw new Error(
    `${entry} is not one layer for ${layers.map(label).join(' and ')}: ${what}\n` +
      lines.map((line) => `  ${line}\n`).join('') +
      'Name one runtime and one architecture, or use PythonLayerVersionSet, which makes a layer version for each.',
  );
}

function counted(packages: number): string {
  return packages === 1 ? '1 package differs' : `${packages} packages differ`;
}
