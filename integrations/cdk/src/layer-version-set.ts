/** A layer version for each target. */
import { Stack } from 'aws-cdk-lib/core';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { LayerBuild } from './layer-build';
import { codeOf, layerVersionOptions } from './layer-version';
import { IPythonLayer, PythonLayerProps } from './props';
import { architectureOf, label, runtimeOf, Target } from './targets';

/** Properties of {@link PythonLayerVersionSet}. */
export interface PythonLayerVersionSetProps extends PythonLayerProps {}

/**
 * One layer for several runtimes or architectures, a layer version for each, built by layerpack without Docker.
 *
 * A function takes the one for its own: `layers: [set.layerVersion(Runtime.PYTHON_3_13, Architecture.ARM_64)]`.
 */
export class PythonLayerVersionSet extends Construct implements IPythonLayer {
  private readonly made = new Map<string, lambda.LayerVersion>();
  private readonly build: LayerBuild;

  public constructor(scope: Construct, id: string, private readonly props: PythonLayerVersionSetProps) {
    super(scope, id);
    this.build = new LayerBuild(scope, id, props);
    this.build.remember(this);
    if (this.isBuilt) {
      for (const layer of this.build.layers) {
        this.make(layer, codeOf(layer, props.bundling));
      }
    }
  }

  /** All layer versions, by runtime and then by architecture. */
  public get layerVersions(): lambda.LayerVersion[] {
    return [...this.made.values()];
  }

  /** The layer version for a function of this runtime and architecture. */
  public layerVersion(runtime: lambda.Runtime, architecture: lambda.Architecture): lambda.LayerVersion {
    const target = { runtime: runtime.name, arch: architecture.name };
    const made = this.made.get(label(target));
    if (made !== undefined) {
      return made;
    }
    if (!this.isBuilt) {
      return this.make(target, lambda.Code.fromAsset(this.build.placeholder));
    }
    const targets = [...this.made.keys()].join(', ');
    throw new Error(`${this.node.path} has no layer version for ${label(target)}: it is built for ${targets}`);
  }

  private get isBuilt(): boolean {
    return Stack.of(this).bundlingRequired;
  }

  private make(target: Target, code: lambda.Code): lambda.LayerVersion {
    const options = layerVersionOptions(this.props);
    const suffix = `${target.runtime}-${target.arch}`.replace(/[^A-Za-z0-9_-]/g, '-');
    const layer = new lambda.LayerVersion(this, suffix, {
      ...options,
      layerVersionName: options.layerVersionName && `${options.layerVersionName}-${suffix}`,
      code,
      compatibleRuntimes: [runtimeOf(target.runtime)],
      compatibleArchitectures: [architectureOf(target.arch)],
    });
    this.made.set(label(target), layer);
    return layer;
  }
}
